package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.certs.Pem;
import io.keelson.apiserver.certs.SigningKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens of service accounts while the key that they are signed with is replaced, server by server on one store. */
class AccountKeysTest {
    private static final String ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts";

    private static String token(Caller admin) throws Exception {
        return admin.post(
                        ACCOUNTS + "/robot/token",
                        "{\"apiVersion\": \"authentication.k8s.io/v1\", \"kind\": \"TokenRequest\"}")
                .succeeded()
                .at("/status/token");
    }

    private static int codeBy(ApiServer server, String token) throws Exception {
        try (Caller stranger = Caller.stranger(server)) {
            return stranger.whoAmI("Authorization", "Bearer " + token).code();
        }
    }

    @Test
    void tokensOfAnOlderKeyHoldAsLongAsTheKeyIsBelieved(@TempDir Path folder) throws Exception {
        KeyPair older = SigningKey.EC_P256.generate();
        Path olderKey = Files.write(folder.resolve("older.key"), Pem.encode(older.getPrivate()));
        Path olderPublic = Files.write(folder.resolve("older.pub"), Pem.encode(older.getPublic()));
        String first;
        try (ApiServer server =
                        ApiServer.start(Flags.config(folder, "--service-account-signing-key-file=" + olderKey));
                Caller admin = Caller.admin(server)) {
            admin.post(ACCOUNTS, "{\"metadata\": {\"name\": \"robot\"}}").succeeded();
            first = token(admin);
            assertEquals(201, codeBy(server, first));
        }
        String second;
        try (ApiServer server = ApiServer.start(Flags.config(folder, "--service-account-key-file=" + olderPublic));
                Caller admin = Caller.admin(server)) {
            assertEquals(201, codeBy(server, first), "the older key is still believed");
            second = token(admin);
            assertEquals(201, codeBy(server, second));
            String keys = admin.get("/openid/v1/jwks").succeeded().text();
            assertEquals(2, keys.split("\"kid\"", -1).length - 1, keys);
            assertTrue(admin.get("/.well-known/openid-configuration")
                    .at("/jwks_uri")
                    .equals(server.url() + "/openid/v1/jwks"));
        }
        try (ApiServer server = ApiServer.start(Flags.config(folder, "--anonymous-auth=false"));
                Caller stranger = Caller.stranger(server)) {
            assertEquals(401, codeBy(server, first), "and now it is not");
            assertEquals(201, codeBy(server, second));
            assertEquals(401, stranger.get("/version").code(), "nobody who shows nothing is let in");
        }
    }
}
