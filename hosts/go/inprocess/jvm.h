// A JVM in this process, as far as scoring needs one. Every function may be called from any thread.
#include <stdint.h>

typedef struct {
  char *bytes;     // to be freed; NULL where there is an error
  int64_t length;
  char *error;     // to be freed; NULL where there is none
  int is_input;    // whether the error is about the request
} pillion_reply;

// Starts the JVM with options such as -Djava.class.path=…; returns NULL, or what went wrong, to be freed.
char *pillion_start(const char *library, char **options, int count);

// Opens a document; the reply's bytes are a handle, a pointer.
pillion_reply pillion_open(const void *document, int64_t length, const char *engine);

// Calls a method without arguments that returns a String: "engine", "arithmetic" or "contractJson".
pillion_reply pillion_text(void *model, const char *method);

// Scores a packed batch into a packed reply.
pillion_reply pillion_score(void *model, const void *packed, int64_t length);

// Closes a document and gives its handle back.
void pillion_close(void *model);
