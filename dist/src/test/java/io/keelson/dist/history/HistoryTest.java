package io.keelson.dist.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.keelson.apiserver.KeelsonConfig;
import io.keelson.apiserver.KeelsonServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HistoryTest {
    private final Path kubeconfig;
    private final KeelsonServer server;
    private final KubernetesClient client;
    private String name = "";

    HistoryTest(@TempDir Path folder) throws IOException, InterruptedException {
        server = KeelsonServer.start(KeelsonConfig.ephemeral());
        kubeconfig = folder.resolve("kubeconfig");
        Files.writeString(kubeconfig, server.kubeconfig().text());
        client = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(server.kubeconfig().text()))
                .build();
    }

    @BeforeAll
    void warm() {
        assertEquals(1, client.namespaces().withName("default").get() == null ? 0 : 1);
    }

    @AfterAll
    void end() {
        client.close();
        server.close();
    }

    @BeforeEach
    void nameAnObject(TestInfo test) {
        name = "of-" + Integer.toHexString(test.getDisplayName().hashCode());
    }

    private record Said(int code, String out, String err) {
        List<String> lines() {
            return out.lines().toList();
        }
    }

    private Said run(Object command, String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = new CommandLine(command).setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        String[] all = new String[words.length + 1];
        all[0] = "--kubeconfig=" + kubeconfig;
        System.arraycopy(words, 0, all, 1, words.length);
        int code = line.execute(all);
        return new Said(code, out.toString(), err.toString());
    }

    private long write(String value) {
        ConfigMap written = client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace("default")
                        .withName(name)
                        .addToLabels("of", "history")
                        .endMetadata()
                        .withData(Map.of("value", value))
                        .build())
                .forceConflicts()
                .serverSideApply();
        return Long.parseLong(written.getMetadata().getResourceVersion());
    }

    private @Nullable String value() {
        return client.configMaps()
                .inNamespace("default")
                .withName(name)
                .get()
                .getData()
                .get("value");
    }

    private void delete() {
        client.configMaps().inNamespace("default").withName(name).delete();
        assertNull(client.configMaps().inNamespace("default").withName(name).get());
    }

    @Test
    void eachChangeOfAnObjectIsListedTheNewestFirst() {
        long made = write("one");
        long changed = write("two");
        Said said = run(new HistoryCommand(), "configmap/" + name);
        assertEquals(0, said.code(), said.err());
        assertEquals(3, said.lines().size(), said.out());
        assertTrue(said.lines().getFirst().startsWith("REVISION   TIME"), said.out());
        assertTrue(said.lines().get(1).startsWith(changed + " "), said.out());
        assertTrue(said.lines().get(1).endsWith("data.value: one → two"), said.out());
        assertTrue(said.lines().get(2).startsWith(made + " "), said.out());
        assertTrue(said.lines().get(2).endsWith("created"), said.out());
    }

    @Test
    void anObjectThatIsNoMoreHasAHistory() {
        write("one");
        delete();
        write("again");
        delete();
        Said said = run(new HistoryCommand(), "cm", name);
        assertEquals(
                List.of("deleted", "created", "deleted", "created"),
                said.lines().stream()
                        .skip(1)
                        .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                        .toList(),
                said.out());
    }

    @Test
    void onlySoManyVersionsAreShownAsAreAskedFor() {
        for (int i = 0; i < 5; i++) {
            write("value " + i);
        }
        Said said = run(new HistoryCommand(), "cm/" + name, "--limit=2");
        assertEquals(3, said.lines().size(), said.out());
        assertTrue(said.lines().get(2).endsWith("data.value: value 2 → value 3"), said.out());
        assertEquals(1, run(new HistoryCommand(), "cm/" + name, "--limit=0").code());
    }

    @Test
    void anObjectIsShownAsItWas() {
        long first = write("one");
        write("two");
        delete();
        Said table = run(new GetCommand(), "cm", name, "--at=" + first);
        assertEquals(0, table.code(), table.err());
        assertTrue(table.lines().getFirst().startsWith("NAME "), table.out());
        assertTrue(table.lines().get(1).startsWith(name + " "), table.out());
        assertTrue(run(new GetCommand(), "cm/" + name, "--at=" + first, "-o", "yaml")
                .out()
                .contains("value: \"one\""));
        Said gone = run(new GetCommand(), "cm/" + name, "--at=" + (first - 1));
        assertEquals(1, gone.code());
        assertEquals(
                "No resources found at resource version " + (first - 1) + ".",
                gone.err().strip());
    }

    @Test
    void whatHasChangedSinceIsShownAsADifference() {
        long first = write("one");
        Said nothing = run(new DiffCommand(), "cm/" + name, "--from=" + first);
        assertEquals(0, nothing.code(), nothing.err());
        assertEquals("", nothing.out());
        long second = write("two");
        Said something = run(new DiffCommand(), "cm/" + name, "--from=" + first, "--to=" + second);
        assertEquals(1, something.code(), something.err());
        assertTrue(something.out().contains("-  value: \"one\"\n+  value: \"two\""), something.out());
        assertFalse(something.out().contains("managedFields"), something.out());
        assertEquals(2, run(new DiffCommand(), "cm/" + name, "--from=nonsense").code());
    }

    @Test
    void anObjectBecomesAgainWhatItWas() {
        long first = write("one");
        write("two");
        assertEquals("two", value());
        Said dry = run(new RestoreCommand(), "cm/" + name, "--at=" + first, "--dry-run");
        assertEquals(0, dry.code(), dry.err());
        assertEquals("two", value());
        Said done = run(new RestoreCommand(), "cm/" + name, "--at=" + first);
        assertEquals(0, done.code(), done.err());
        assertEquals("one", value());
        assertTrue(
                run(new RestoreCommand(), "cm/" + name, "--at=" + first).out().contains("is as it was"));
    }

    @Test
    void anObjectThatIsNoMoreIsMadeAnew() {
        long first = write("one");
        String uid = uid();
        delete();
        Said done = run(new RestoreCommand(), "cm/" + name, "--at=" + first);
        assertEquals(0, done.code(), done.err());
        assertEquals("one", value());
        assertNotEquals(uid, uid());
        Said never = run(new RestoreCommand(), "cm/" + name, "--at=1");
        assertEquals(1, never.code());
    }

    private String uid() {
        return client.configMaps()
                .inNamespace("default")
                .withName(name)
                .get()
                .getMetadata()
                .getUid();
    }

    @Test
    void whatIsNotThereIsNamed() {
        Said kind = run(new HistoryCommand(), "nonsense/" + name);
        assertEquals(1, kind.code());
        assertEquals(
                "error: the server doesn't have a resource type \"nonsense\"",
                kind.err().strip());
        Said object = run(new HistoryCommand(), "configmaps.v1/" + name);
        assertEquals(1, object.code());
        assertTrue(object.err().contains("configmaps \"" + name + "\" not found"), object.err());
        assertEquals(
                "error: name the object, as cm/NAME",
                run(new HistoryCommand(), "cm").err().strip());
    }
}
