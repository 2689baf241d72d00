package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.authn.TestSigner;
import io.keelson.apiserver.object.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code --service-account-signing-endpoint}: tokens of service accounts that another program signs. */
final class ExternalSignerServerTest {
    private static final String ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts";

    private static Caller.Answer token(Caller admin, String spec) throws Exception {
        return admin.post(
                        ACCOUNTS + "/robot/token",
                        "{\"apiVersion\": \"authentication.k8s.io/v1\", \"kind\": \"TokenRequest\", \"spec\": " + spec
                                + "}")
                .succeeded();
    }

    private static String nameBy(ApiServer server, String token) throws Exception {
        try (Caller stranger = Caller.stranger(server)) {
            return stranger.whoAmI("Authorization", "Bearer " + token)
                    .succeeded()
                    .at("/status/userInfo/username");
        }
    }

    private static ObjectNode claims(String token) {
        return Json.parseObject(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "unix://"})
    void tokensAreSignedAndBelievedByWayOfTheSigner(String scheme, @TempDir Path folder) throws Exception {
        Path socket = folder.resolve("signer.sock");
        try (TestSigner signer = new TestSigner(socket)
                        .withExcluded("legacy")
                        .signingWith("outside")
                        .lasting(7_200);
                ApiServer server =
                        ApiServer.start(Flags.config(folder, "--service-account-signing-endpoint=" + scheme + socket));
                Caller admin = Caller.admin(server)) {
            admin.post(ACCOUNTS, "{\"metadata\": {\"name\": \"robot\"}}").succeeded();
            Caller.Answer made = token(admin, "{\"expirationSeconds\": 86400}");
            assertEquals("7200", made.at("/spec/expirationSeconds"), "no longer than the signer allows");
            assertTrue(
                    made.warnings()
                            .toString()
                            .contains("requested expiration of 86400 seconds shortened to 7200 seconds"),
                    made.warnings()::toString);
            assertEquals("system:serviceaccount:default:robot", nameBy(server, made.at("/status/token")));

            ObjectNode keys = admin.get("/openid/v1/jwks").succeeded().body();
            assertEquals(1, keys.path("keys").size());
            assertEquals("outside", keys.at("/keys/0/kid").asText());

            signer.signingWith("renewed");
            String later = token(admin, "{}").at("/status/token");
            assertEquals("system:serviceaccount:default:robot", nameBy(server, later));
            assertEquals(
                    List.of("outside", "renewed"),
                    admin.get("/openid/v1/jwks").succeeded().body().findValuesAsText("kid"));
            String metrics = admin.get("/metrics").text();
            assertTrue(metrics.contains("apiserver_externaljwt_sign_request_total{code=\"OK\"} 2\n"), metrics);
            assertTrue(
                    metrics.contains(
                            "kubernetes_feature_enabled{name=\"ExternalServiceAccountTokenSigner\",stage=\"\"} 1"),
                    metrics);
        }
    }

    @Test
    void tokensThatAreExtendedLiveNoLongerThanTheSignerAllows(@TempDir Path folder) throws Exception {
        Path socket = folder.resolve("signer.sock");
        try (TestSigner _ = new TestSigner(socket).signingWith("outside").lasting(7_200);
                ApiServer server =
                        ApiServer.start(Flags.config(folder, "--service-account-signing-endpoint=" + socket));
                Caller admin = Caller.admin(server)) {
            admin.post(ACCOUNTS, "{\"metadata\": {\"name\": \"robot\"}}").succeeded();
            admin.post("/api/v1/namespaces/default/pods", """
                            {"metadata": {"name": "web"}, "spec": {"serviceAccountName": "robot",
                             "containers": [{"name": "a", "image": "b"}]}}
                            """).succeeded();
            ObjectNode claims = claims(token(admin, """
                            {"expirationSeconds": 3607,
                             "boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": "web"}}
                            """).at("/status/token"));
            long issued = claims.path("iat").asLong();
            assertEquals(issued + 7_200, claims.path("exp").asLong());
            assertEquals(
                    issued + 3_607,
                    claims.path("kubernetes.io").path("warnafter").asLong());
        }
    }

    @Test
    void aSignerThatAllowsLessThanTheFlagWantsStopsTheStart(@TempDir Path folder) throws Exception {
        Path socket = folder.resolve("signer.sock");
        try (TestSigner _ = new TestSigner(socket).signingWith("outside").lasting(600)) {
            ApiServerConfig config = Flags.config(
                    folder,
                    "--service-account-signing-endpoint=" + socket,
                    "--service-account-max-token-expiration=1h");
            IOException refused = assertThrows(
                    IOException.class, () -> ApiServer.start(config).close());
            assertEquals(
                    "service-account-max-token-expiration cannot be set longer than the token expiration supported by"
                            + " service-account-signing-endpoint: 1h0m0s > 10m0s",
                    refused.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"service-account-signing-key-file", "service-account-key-file"})
    void keysInFilesDoNotGoTogetherWithASigner(String flag, @TempDir Path folder) {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> Flags.config(folder, "--service-account-signing-endpoint=/run/s.sock", "--" + flag + "=sa.key"));
        assertEquals(
                flag
                        + " and service-account-signing-endpoint are mutually exclusive and cannot be set at the same time",
                refused.getMessage());
    }
}
