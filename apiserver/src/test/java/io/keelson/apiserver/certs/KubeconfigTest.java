package io.keelson.apiserver.certs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KubeconfigTest {
    private static CertificateAuthority authority;
    private static Credential user;

    @TempDir
    private Path temp;

    @BeforeAll
    static void makeCertificates() throws Exception {
        authority = CertificateAuthority.create("test", Instant.now());
        user = authority.issue(CertificateProfile.client("jane", "dev"), Instant.now());
    }

    @Test
    void whatIsWrittenCanBeRead() throws IOException {
        Path file = temp.resolve("deep/config");
        Kubeconfig.of("keelson", "https://127.0.0.1:6443", authority.certificate(), user)
                .write(file);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        RemoteServer server = Kubeconfig.read(file).current(temp);
        assertEquals("https://127.0.0.1:6443", server.url());
        Credential client = server.client();
        assertNotNull(client);
        assertEquals(user.certificate(), client.certificate());
        assertTrue(client.matches());
        assertFalse(server.toString().contains("PRIVATE"));
    }

    @Test
    void keysSayWhatKindTheyAre() throws Exception {
        Credential rsa = authority.issue(CertificateProfile.client("joe"), SigningKey.RSA_2048, Instant.now());
        // A client that takes a key without a name for one of RSA reads both.
        assertEquals("EC PRIVATE KEY", kindOfKey(user));
        assertEquals("PRIVATE KEY", kindOfKey(rsa));
    }

    private static String kindOfKey(Credential user) throws IOException {
        byte[] pem = Pem.encodeKey(user);
        assertTrue(new Credential(user.certificate(), Pem.privateKey(pem)).matches());
        String text = new String(pem, StandardCharsets.US_ASCII);
        return text.substring(text.indexOf("BEGIN ") + 6, text.indexOf("-----\n"));
    }

    @Test
    void mergingKeepsWhatElseIsThere() throws IOException {
        Path file = temp.resolve("config");
        Files.writeString(file, """
                apiVersion: v1
                kind: Config
                current-context: other
                clusters:
                - {name: other, cluster: {server: "https://other", extensions: [{name: x}]}}
                - {name: keelson, cluster: {server: "https://old"}}
                users:
                - {name: other, user: {exec: {command: login}}}
                contexts:
                - {name: other, context: {cluster: other, user: other, namespace: ours}}
                extensions: [{name: kept}]
                """);
        Kubeconfig.mergeInto(file, "keelson", "https://new", authority.certificate(), user);
        var tree = Kubeconfig.read(file).tree();
        assertEquals("keelson", tree.path("current-context").asText());
        assertEquals(2, tree.path("clusters").size());
        assertEquals(
                "https://other",
                tree.path("clusters").get(0).path("cluster").path("server").asText());
        assertEquals(
                "ours",
                tree.path("contexts").get(0).path("context").path("namespace").asText());
        assertEquals(
                "login",
                tree.path("users")
                        .get(0)
                        .path("user")
                        .path("exec")
                        .path("command")
                        .asText());
        assertEquals("kept", tree.path("extensions").get(0).path("name").asText());
        assertEquals("https://new", Kubeconfig.read(file).current(temp).url());
    }

    @Test
    void aFileThatIsNoKubeconfigStaysAsItIs() throws IOException {
        Path file = temp.resolve("config");
        for (String content : new String[] {"kind: Pod\n", "- a list\n", "a: [1\n", "a: 1\na: 2\n"}) {
            Files.writeString(file, content);
            assertThrows(
                    IOException.class,
                    () -> Kubeconfig.mergeInto(file, "k", "https://x", authority.certificate(), user));
            assertEquals(content, Files.readString(file));
        }
    }

    @Test
    void bombsAreRefused() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
        for (int i = 1; i < 200; i++) {
            bomb.append("a%d: &a%d [*a%d,*a%d,*a%d]\n".formatted(i, i, i - 1, i - 1, i - 1));
        }
        assertThrows(IOException.class, () -> ConfigFile.parse(bomb.toString().getBytes(StandardCharsets.UTF_8)));
        String deep = "[".repeat(100_000);
        assertThrows(IOException.class, () -> ConfigFile.parse(deep.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void referencesToNothingAreToldApart() {
        for (String content : new String[] {
            "current-context: gone\n",
            "clusters: [{name: a, cluster: {}}]\n",
            "clusters: [{name: a, cluster: {server: 'https://x'}}]\nusers: [{name: u, user: {exec: {}}}]\n",
            "clusters: [{name: a, cluster: {server: 'https://x', certificate-authority-data: '!!'}}]\n"
        }) {
            assertThrows(
                    IOException.class,
                    () -> Kubeconfig.parse(content.getBytes(StandardCharsets.UTF_8))
                            .current(temp),
                    content);
        }
    }

    @Test
    void aWatchedFileIsReadAgainWhenItChangesAndKeptWhenItBreaks() throws IOException {
        Path file = temp.resolve("watched");
        Files.writeString(file, "1");
        Instant[] now = {Instant.EPOCH};
        WatchedFile<Integer> watched = WatchedFile.open(
                file,
                bytes -> {
                    try {
                        return Integer.valueOf(new String(bytes, StandardCharsets.UTF_8));
                    } catch (NumberFormatException e) {
                        throw new IOException("no number", e);
                    }
                },
                () -> now[0]);
        Files.writeString(file, "22");
        assertEquals(1, watched.current());
        now[0] = now[0].plusSeconds(1);
        assertEquals(22, watched.current());
        Files.writeString(file, "broken");
        now[0] = now[0].plusSeconds(1);
        assertEquals(22, watched.current());
        Files.delete(file);
        now[0] = now[0].plusSeconds(1);
        assertEquals(22, watched.current());
        Files.writeString(file, "333");
        now[0] = now[0].plusSeconds(1);
        assertEquals(333, watched.current());
    }
}
