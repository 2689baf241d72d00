package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where documents say that the server is. */
final class ExternalAddressTest {
    /** The address in discovery and the host of the keys of tokens. */
    private static List<String> told(Path folder, String... flags) throws Exception {
        try (ApiServer server = ApiServer.start(Flags.config(folder, flags));
                Caller admin = Caller.admin(server)) {
            String port = ":" + URI.create(server.url()).getPort();
            String address = admin.get("/api").succeeded().at("/serverAddressByClientCIDRs/0/serverAddress");
            String keys =
                    admin.get("/.well-known/openid-configuration").succeeded().at("/jwks_uri");
            assertEquals("https://" + address + "/openid/v1/jwks", keys);
            return List.of(address.endsWith(port) ? address.replace(port, ":PORT") : address);
        }
    }

    @Test
    void withoutAFlagItIsWhereItListens(@TempDir Path folder) throws Exception {
        assertEquals(List.of("127.0.0.1:PORT"), told(folder));
    }

    @Test
    void membersOfTheClusterAreToldWhatIsAdvertised(@TempDir Path folder) throws Exception {
        assertEquals(List.of("192.0.2.10:PORT"), told(folder, "--advertise-address=192.0.2.10"));
    }

    @Test
    void aNameWins(@TempDir Path folder) throws Exception {
        assertEquals(
                List.of("api.example.com:PORT"),
                told(folder, "--external-hostname=api.example.com", "--advertise-address=192.0.2.10"));
    }

    @Test
    void aNameMayHaveAPort(@TempDir Path folder) throws Exception {
        assertEquals(List.of("api.example.com:443"), told(folder, "--external-hostname=api.example.com:443"));
    }

    @Test
    void anAddressOfVersion6HasBrackets(@TempDir Path folder) throws Exception {
        assertEquals(List.of("[2001:db8::1]:PORT"), told(folder, "--external-hostname=2001:db8::1"));
    }
}
