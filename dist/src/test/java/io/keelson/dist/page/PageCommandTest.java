package io.keelson.dist.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.apiserver.server.ApiServer;
import io.keelson.apiserver.server.ApiServerCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class PageCommandTest {
    private static ApiServer server;
    private static Path kubeconfig;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        server = started(folder.resolve("cluster"));
        kubeconfig = written(server, folder.resolve("kubeconfig"));
    }

    @AfterAll
    static void end() {
        server.close();
    }

    private static ApiServer started(Path folder, String... flags) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(
                "--bind-address=127.0.0.1",
                "--secure-port=0",
                "--cert-dir=" + folder.resolve("pki"),
                "--embedded-store=" + folder.resolve("store")));
        all.addAll(List.of(flags));
        return ApiServerCommand.start(all);
    }

    private static Path written(ApiServer of, Path file) throws IOException {
        return Files.writeString(file, of.kubeconfig().text());
    }

    private record Said(int code, String out, String err) {
        String token() {
            return out.lines()
                    .filter(line -> line.startsWith("ey"))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(err));
        }
    }

    private static Said run(Path with, String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line =
                new CommandLine(new PageCommand()).setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        String[] all = new String[words.length + 1];
        all[0] = "--kubeconfig=" + with;
        System.arraycopy(words, 0, all, 1, words.length);
        int code = line.execute(all);
        return new Said(code, out.toString(), err.toString());
    }

    private static KubernetesClient with(String token) {
        Config admin = Config.fromKubeconfig(server.kubeconfig().text());
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(Config.empty())
                        .withMasterUrl(server.url())
                        .withCaCertData(admin.getCaCertData())
                        .withOauthToken(token)
                        .build())
                .build();
    }

    @Test
    void oneIsToldWhereThePageIsAndGetsATokenForIt() {
        Said said = run(kubeconfig);
        assertEquals(0, said.code(), said.err());
        assertTrue(said.out().startsWith("The page is at " + server.url() + "/ui/\n"), said.out());
        assertTrue(said.out().contains("system:serviceaccount:kube-system:keelson-ui-cluster-admin"), said.out());
        try (KubernetesClient client = with(said.token())) {
            assertEquals(0, client.nodes().list().getItems().size());
        }
        assertEquals(0, run(kubeconfig).code(), "and once more");
    }

    @Test
    void aTokenHasTheRoleThatWasAskedForAndNoOther() {
        assertEquals(0, run(kubeconfig).code());
        Said said = run(kubeconfig, "--role=view", "--duration=10m");
        assertEquals(0, said.code(), said.err());
        try (KubernetesClient client = with(said.token())) {
            assertEquals(0, client.pods().inAnyNamespace().list().getItems().size());
            assertEquals(
                    403,
                    assertThrows(
                                    KubernetesClientException.class,
                                    () -> client.secrets().inAnyNamespace().list())
                            .getCode());
        }
        Instant end = said.out()
                .lines()
                .filter(line -> line.contains("lives until "))
                .map(line -> Instant.parse(line.replaceFirst(".*lives until (.*):$", "$1")))
                .findFirst()
                .orElseThrow();
        assertFalse(end.isAfter(Instant.now().plus(Duration.ofMinutes(11))), said.out());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --role=nobody     | keelson ui: --role: there is no ClusterRole "nobody"
            --role=system:x   | keelson ui: --role: "system:x" cannot be a part of an account's name: name a ClusterRole of at most 52 small letters, digits and dashes
            --duration=5m     | keelson ui: --duration: a token lives for 10m at least, not for 5m
            --duration=soon   | keelson ui: --duration: time: invalid duration "soon"
            """)
    void whatCannotBeIsRefused(String flag, String why) {
        Said said = run(kubeconfig, flag);
        assertEquals(1, said.code());
        assertEquals(why + "\n", said.err());
        assertEquals("", said.out());
    }

    @Test
    void whereNoPageIsNoTokenIsMade(@TempDir Path folder) throws Exception {
        Path file;
        try (ApiServer without = started(folder.resolve("cluster"), "--enable-ui=false")) {
            file = written(without, folder.resolve("kubeconfig"));
            Said said = run(file);
            assertEquals(1, said.code());
            assertTrue(said.err().contains("there is no page at " + without.url() + "/ui/ (HTTP 404)"), said.err());
            assertEquals("", said.out());
        }
        Said said = run(file);
        assertEquals(1, said.code());
        assertTrue(said.err().startsWith("keelson ui: the API server at "), said.err());
    }
}
