package io.keelson.controllers.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.Config;
import io.keelson.controllers.rootca.RootCaSettings;
import io.keelson.controllers.testing.TestCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** By which certificates pods trust the API server. */
class TrustFlagsTest {
    @TempDir
    private Path folder;

    /** A file of the certificates of an API server. */
    static Path rootCertificates(Path folder) throws IOException {
        return Files.write(folder.resolve("ca.crt"), Base64.getDecoder().decode(config().getCaCertData()));
    }

    private static Config config() {
        try (TestCluster cluster = new TestCluster()) {
            return cluster.client().getConfiguration();
        }
    }

    private static TrustFlags trust(Config config, String... arguments) throws IOException {
        TrustFlags flags = new TrustFlags();
        new CommandLine(flags).parseArgs(arguments);
        flags.trustAs(config);
        return flags;
    }

    @Test
    void withoutAFlagPodsTrustTheApiServerAsThisProcessDoes() throws Exception {
        String pem = Files.readString(rootCertificates(folder));
        assertEquals(new RootCaSettings(pem), trust(config()).rootCertificates());
        Config byFile = Config.empty();
        byFile.setCaCertFile(rootCertificates(folder).toString());
        assertEquals(new RootCaSettings(pem), trust(byFile).rootCertificates());
        assertEquals(new RootCaSettings(""), trust(Config.empty()).rootCertificates());
        Path other = Files.writeString(folder.resolve("other.crt"), "# another\n" + pem);
        assertEquals(
                new RootCaSettings("# another\n" + pem),
                trust(config(), "--root-ca-file=" + other).rootCertificates());
    }

    @Test
    void aFileWithoutCertificatesIsRefused() throws Exception {
        Path file = Files.writeString(folder.resolve("empty.crt"), "no certificates");
        IOException refusal = assertThrows(
                IOException.class,
                () -> trust(config(), "--root-ca-file=" + file).rootCertificates());
        assertTrue(
                String.valueOf(refusal.getMessage()).startsWith("error parsing root-ca-file at " + file),
                refusal.getMessage());
    }
}
