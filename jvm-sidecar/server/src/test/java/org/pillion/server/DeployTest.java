package org.pillion.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pillion.registry.RepositoryFixture;
import org.pillion.server.access.BearerToken;

/** Deploying in the dialect of Openscoring needs the operators' token from any address. */
final class DeployTest {
  private static final String TOKEN = "a token of some length";
  private static final String MINE = "/openscoring/model/mine";
  private static final HostPort ANY = new HostPort("127.0.0.1", 0);

  @TempDir Path folder;

  private Sidecar open(Optional<Settings.Admin> admin) throws StartException {
    new RepositoryFixture(folder).logistic("ranker", 1);
    Settings.Addresses addresses =
        new Settings.Addresses(ANY, ANY, Optional.of(folder.resolve("s")), admin);
    return Sidecar.start(TestSettings.of(folder, addresses), "test");
  }

  private static Client client(Sidecar sidecar) {
    return new Client(sidecar.addresses().get(0).split(" ")[1]);
  }

  private HttpResponse<String> put(Client client, String authorization) throws Exception {
    byte[] pmml = Files.readAllBytes(folder.resolve("ranker/1/model.pmml"));
    return send(client, "PUT", BodyPublishers.ofByteArray(pmml), authorization);
  }

  private static HttpResponse<String> send(
      Client client, String method, HttpRequest.BodyPublisher body, String authorization) {
    HttpRequest.Builder request = client.request(MINE).method(method, body);
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    return client.send(request);
  }

  private static void assertDenied(HttpResponse<String> answer) {
    assertEquals(403, answer.statusCode(), answer.body());
    assertTrue(answer.body().startsWith("{\"message\":\"deploying and undeploying need"));
    assertTrue(answer.body().contains("Authorization: Bearer TOKEN"), answer.body());
    assertEquals(
        List.of("Openscoring/2.1.1"), answer.headers().allValues("X-Application"), answer.body());
  }

  @Test
  void deploy_whereNoTokenIsSet_isDeniedToACallerOnThisMachine() throws Exception {
    try (Sidecar sidecar = open(Optional.empty())) {
      Client client = client(sidecar);

      assertDenied(put(client, null));
      assertDenied(put(client, "Bearer " + TOKEN));
      assertDenied(put(client, "Bearer "));
      assertDenied(send(client, "DELETE", BodyPublishers.noBody(), null));
      assertEquals(404, client.get(MINE).statusCode());
      assertEquals(200, client.get("/openscoring/model/ranker").statusCode());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Bearer", "Bearer a token of some", "Basic " + TOKEN})
  void deploy_withoutTheToken_isDenied_andWithIt_serves(String wrong) throws Exception {
    Settings.Admin admin = new Settings.Admin(ANY, BearerToken.of(TOKEN));
    try (Sidecar sidecar = open(Optional.of(admin))) {
      Client client = client(sidecar);

      assertDenied(put(client, wrong.isEmpty() ? null : wrong));
      assertEquals(404, client.get(MINE).statusCode());
      assertEquals(201, put(client, "Bearer " + TOKEN).statusCode());
      assertDenied(send(client, "DELETE", BodyPublishers.noBody(), null));
      assertEquals(200, client.get(MINE).statusCode());
      HttpResponse<String> gone =
          send(client, "DELETE", BodyPublishers.noBody(), "Bearer " + TOKEN);
      assertEquals(200, gone.statusCode(), gone.body());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "%20", "..", "a%0Ab", "a%2Fb"})
  void deploy_idThatNamesNothing_isRefused(String id) throws Exception {
    Settings.Admin admin = new Settings.Admin(ANY, BearerToken.of(TOKEN));
    try (Sidecar sidecar = open(Optional.of(admin))) {
      Client client = client(sidecar);
      byte[] pmml = Files.readAllBytes(folder.resolve("ranker/1/model.pmml"));

      HttpResponse<String> answer =
          client.send(
              client
                  .request("/openscoring/model/" + id)
                  .header("Authorization", "Bearer " + TOKEN)
                  .PUT(BodyPublishers.ofByteArray(pmml)));

      assertEquals(400, answer.statusCode(), answer.body());
      assertEquals(
          1, client.get("/openscoring/model").body().split("\"miningFunction\"").length - 1);
    }
  }

  @Test
  void deployed_isListedAtOnceWithItsFunction_andLeavesNothingBehind() throws Exception {
    Settings.Admin admin = new Settings.Admin(ANY, BearerToken.of(TOKEN));
    try (Sidecar sidecar = open(Optional.of(admin))) {
      Client client = client(sidecar);
      String described = "{\"id\":\"mine\",\"miningFunction\":\"classification\",";

      String deployed = put(client, "Bearer " + TOKEN).body();

      assertTrue(deployed.startsWith(described), deployed);
      for (String list : List.of("/openscoring/model", "/openscoring/model/")) {
        assertTrue(client.get(list).body().contains(described));
      }
      String pmml = Files.readString(folder.resolve("ranker/1/model.pmml"));
      assertEquals(pmml, client.get(MINE + "/pmml").body());
      client.post(MINE, "{\"arguments\": {\"color\": \"red\"}}");
      assertTrue(client.get("/metrics").body().contains("model=\"mine\""));
      send(client, "DELETE", BodyPublishers.noBody(), "Bearer " + TOKEN);
      assertFalse(client.get("/metrics").body().contains("model=\"mine\""));
    }
  }
}
