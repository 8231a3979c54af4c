//go:build pillion_jvm

#define _GNU_SOURCE
#include "jvm.h"

#include <dlfcn.h>
#include <jni.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static JavaVM *machine;
static jclass bridge;       // org.pillion.scoring.InProcess
static jclass input_error;  // org.pillion.scoring.InvalidInput
static jmethodID open_method, score_method, close_method, message_method;

static JNIEnv *attached(void) {
  JNIEnv *env = NULL;
  if ((*machine)->GetEnv(machine, (void **)&env, JNI_VERSION_10) == JNI_EDETACHED) {
    // Go's threads live on, so each is attached once and stays so; a daemon keeps no JVM from ending.
    (*machine)->AttachCurrentThreadAsDaemon(machine, (void **)&env, NULL);
  }
  return env;
}

// Has HotSpot's handlers run on the stack for signals: Go's goroutines have small ones.
static void use_signal_stack(void) {
  for (int number = 1; number < NSIG; number++) {
    struct sigaction action;
    if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN &&
        !(action.sa_flags & SA_ONSTACK)) {
      action.sa_flags |= SA_ONSTACK;
      sigaction(number, &action, NULL);
    }
  }
}

static pillion_reply failure(JNIEnv *env) {
  pillion_reply reply = {0};
  jthrowable thrown = (*env)->ExceptionOccurred(env);
  (*env)->ExceptionClear(env);
  reply.error = strdup("the JVM has no memory left");
  if (thrown == NULL) {
    return reply;
  }
  reply.is_input = (*env)->IsInstanceOf(env, thrown, input_error);
  jstring text = (*env)->CallObjectMethod(env, thrown, message_method);
  if (!(*env)->ExceptionCheck(env) && text != NULL) {
    const char *said = (*env)->GetStringUTFChars(env, text, NULL);
    if (said != NULL) {
      free(reply.error);
      reply.error = strdup(said);
      (*env)->ReleaseStringUTFChars(env, text, said);
    }
  }
  (*env)->ExceptionClear(env);
  return reply;
}

char *pillion_start(const char *library, char **options, int count) {
  char problem[1024];
  void *loaded = dlopen(library, RTLD_NOW | RTLD_GLOBAL);
  if (loaded == NULL) {
    return strdup(dlerror());
  }
  jint (*create)(JavaVM **, void **, void *) = (jint(*)(JavaVM **, void **, void *))dlsym(loaded, "JNI_CreateJavaVM");
  if (create == NULL) {
    return strdup(dlerror());
  }
  JavaVMOption *given = calloc(count, sizeof(JavaVMOption));
  for (int at = 0; at < count; at++) {
    given[at].optionString = options[at];
  }
  JavaVMInitArgs arguments = {JNI_VERSION_10, count, given, JNI_FALSE};
  JNIEnv *env = NULL;
  jint status = create(&machine, (void **)&env, &arguments);
  free(given);
  if (status != JNI_OK) {
    snprintf(problem, sizeof problem, "%s made no JVM: JNI's status is %d", library, (int)status);
    machine = NULL;
    return strdup(problem);
  }
  use_signal_stack();
  jclass found = (*env)->FindClass(env, "org/pillion/scoring/InProcess");
  jclass input = found == NULL ? NULL : (*env)->FindClass(env, "org/pillion/scoring/InvalidInput");
  jclass throwable = input == NULL ? NULL : (*env)->FindClass(env, "java/lang/Throwable");
  if (throwable == NULL) {
    (*env)->ExceptionClear(env);
    return strdup("the class path has no org.pillion.scoring.InProcess for this Java: it needs the sidecar's jar, and Java 17 or later");
  }
  bridge = (*env)->NewGlobalRef(env, found);
  input_error = (*env)->NewGlobalRef(env, input);
  open_method = (*env)->GetStaticMethodID(env, found, "open", "([BLjava/lang/String;)Lorg/pillion/scoring/InProcess;");
  score_method = (*env)->GetMethodID(env, found, "score", "([B)[B");
  close_method = (*env)->GetMethodID(env, found, "close", "()V");
  message_method = (*env)->GetMethodID(env, throwable, "toString", "()Ljava/lang/String;");
  if ((*env)->ExceptionCheck(env)) {
    return failure(env).error;
  }
  return NULL;
}

static jbyteArray array_of(JNIEnv *env, const void *bytes, int64_t length) {
  jbyteArray array = (*env)->NewByteArray(env, (jsize)length);
  if (array != NULL) {
    (*env)->SetByteArrayRegion(env, array, 0, (jsize)length, bytes);
  }
  return array;
}

pillion_reply pillion_open(const void *document, int64_t length, const char *engine) {
  JNIEnv *env = attached();
  pillion_reply reply = {0};
  if ((*env)->PushLocalFrame(env, 8) != 0) {
    return failure(env);
  }
  jbyteArray bytes = array_of(env, document, length);
  jstring name = bytes == NULL ? NULL : (*env)->NewStringUTF(env, engine);
  jobject model = name == NULL ? NULL : (*env)->CallStaticObjectMethod(env, bridge, open_method, bytes, name);
  if ((*env)->ExceptionCheck(env) || model == NULL) {
    reply = failure(env);
  } else {
    reply.bytes = (char *)(*env)->NewGlobalRef(env, model);
  }
  (*env)->PopLocalFrame(env, NULL);
  return reply;
}

pillion_reply pillion_text(void *model, const char *method) {
  JNIEnv *env = attached();
  pillion_reply reply = {0};
  if ((*env)->PushLocalFrame(env, 8) != 0) {
    return failure(env);
  }
  jmethodID called = (*env)->GetMethodID(env, bridge, method, "()Ljava/lang/String;");
  jstring text = called == NULL ? NULL : (*env)->CallObjectMethod(env, (jobject)model, called);
  const char *said = text == NULL ? NULL : (*env)->GetStringUTFChars(env, text, NULL);
  if ((*env)->ExceptionCheck(env) || said == NULL) {
    reply = failure(env);
  } else {
    reply.bytes = strdup(said);
    reply.length = strlen(said);
    (*env)->ReleaseStringUTFChars(env, text, said);
  }
  (*env)->PopLocalFrame(env, NULL);
  return reply;
}

pillion_reply pillion_score(void *model, const void *packed, int64_t length) {
  JNIEnv *env = attached();
  pillion_reply reply = {0};
  if ((*env)->PushLocalFrame(env, 8) != 0) {
    return failure(env);
  }
  jbyteArray bytes = array_of(env, packed, length);
  jbyteArray scored = bytes == NULL ? NULL : (*env)->CallObjectMethod(env, (jobject)model, score_method, bytes);
  if ((*env)->ExceptionCheck(env) || scored == NULL) {
    reply = failure(env);
  } else {
    reply.length = (*env)->GetArrayLength(env, scored);
    reply.bytes = malloc(reply.length);
    (*env)->GetByteArrayRegion(env, scored, 0, (jsize)reply.length, (jbyte *)reply.bytes);
  }
  (*env)->PopLocalFrame(env, NULL);
  return reply;
}

void pillion_close(void *model) {
  JNIEnv *env = attached();
  (*env)->CallVoidMethod(env, (jobject)model, close_method);
  (*env)->ExceptionClear(env);
  (*env)->DeleteGlobalRef(env, (jobject)model);
}
