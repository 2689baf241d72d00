package io.keelson.dist.up;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.certs.Kubeconfig;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KubeconfigRemainsTest {
    private final Path folder;
    private final Path file;

    KubeconfigRemainsTest(@TempDir Path folder) {
        this.folder = folder;
        file = folder.resolve("users");
    }

    private static String config(String name, String server) {
        return """
                apiVersion: v1
                kind: Config
                clusters: [{name: %1$s, cluster: {server: "%2$s"}}]
                users: [{name: %1$s, user: {token: t}}]
                contexts: [{name: %1$s, context: {cluster: %1$s, user: %1$s}}]
                current-context: %1$s
                """.formatted(name, server);
    }

    private void merge(String config) throws Exception {
        Kubeconfig all = Files.exists(file) ? Kubeconfig.read(file) : Kubeconfig.empty();
        all.take(Kubeconfig.parse(config.getBytes(StandardCharsets.UTF_8)));
        all.write(file);
    }

    private boolean remove(List<Remain> remains) throws Exception {
        PrintWriter nowhere = new PrintWriter(new StringWriter());
        return Remain.remove(remains, nowhere, nowhere);
    }

    @Test
    void whatWasMergedGoesAndOthersStay() throws Exception {
        Files.writeString(folder.resolve("kubeconfig"), config("keelson", "https://127.0.0.1:6443"));
        merge(config("work", "https://work"));
        merge(Files.readString(folder.resolve("kubeconfig")));
        List<Remain> remains = KubeconfigRemains.find(folder, file);
        assertEquals(1, remains.size());
        assertTrue(remove(remains));
        assertTrue(remove(remains), "again");
        String left = Files.readString(file);
        assertFalse(left.contains("keelson"), left);
        assertTrue(left.contains("https://work"), left);
        assertEquals(List.of(), KubeconfigRemains.find(folder, file));
    }

    @Test
    void aFileThatHoldsNothingElseGoes() throws Exception {
        Files.writeString(folder.resolve("kubeconfig"), config("keelson", "https://127.0.0.1:6443"));
        merge(Files.readString(folder.resolve("kubeconfig")));
        assertTrue(remove(KubeconfigRemains.find(folder, file)));
        assertFalse(Files.exists(file));
    }

    @Test
    void whatOnlyHasTheSameNameStays() throws Exception {
        Files.writeString(folder.resolve("kubeconfig"), config("keelson", "https://127.0.0.1:6443"));
        String others = config("keelson", "https://another").replace("token: t", "token: u");
        merge(others.replace("cluster: keelson, user: keelson", "cluster: keelson, user: keelson, namespace: x"));
        assertEquals(List.of(), KubeconfigRemains.find(folder, file));
        assertEquals(List.of(), KubeconfigRemains.find(folder.resolve("none"), file));
    }
}
