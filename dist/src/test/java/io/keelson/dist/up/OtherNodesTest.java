package io.keelson.dist.up;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class OtherNodesTest {
    private static final Path FOLDER = Path.of("/data/mine");
    private static final String SHIM = "/bin/keelson-shim-0123456789abcdef";

    private static String line(String... words) {
        return String.join("\0", words) + "\0";
    }

    private static String java(String... words) {
        return line("/usr/bin/java", "-cp", "/lib/keelson.jar", "io.keelson.dist.Keelson") + line(words);
    }

    private static Optional<String> other(String commandLine) {
        return OtherNodes.other(FOLDER, 7, commandLine);
    }

    @Test
    void othersAreThoseOfOtherFoldersAndPartsByHand() {
        assertEquals(
                Optional.of("pods in /data/other/node/runtime"),
                other(line(SHIM, "pod", "/data/other/node/runtime/sandboxes/abc")));
        assertEquals(
                Optional.of("the cluster in /data/other"),
                other(java("up", "--foreground", "--data=/data/other", "--nodes=0")));
        assertEquals(Optional.of("keelson proxy (process 7)"), other(java("proxy", "--kubeconfig=x")));
    }

    @Test
    void aClusterCountsHoweverItsFolderIsSaid() {
        assertEquals(
                Optional.of("the cluster in /data/other"),
                other(java("up", "--nodes=0", "--data", "/data/other", "--foreground")));
        for (String commandLine : List.of(
                java("up", "--foreground"), java("up", "--data=mine"), java("up", "--data"), java("up", "@flags"))) {
            assertEquals(Optional.of("keelson up (process 7)"), other(commandLine), commandLine);
        }
    }

    @Test
    void whatIsOfThisFolderOrNoNodesIsNone() {
        for (String commandLine : List.of(
                "",
                line(SHIM, "pod", "/data/mine/node/runtime/sandboxes/abc"),
                java("up", "--foreground", "--data=/data/mine", "--nodes=0"),
                java("up", "--data", "/data/mine", "--foreground"),
                java("kv", "get", "proxy"),
                java("apiserver"),
                line("less", "io.keelson.dist.Keelson", "agent").replace("\0io.", "/io."),
                line("grep", SHIM, "pod", "/data/other/node/runtime/sandboxes/abc"))) {
            assertEquals(Optional.empty(), other(commandLine), commandLine);
        }
    }

    @Test
    void aFolderThatOnlyBeginsAlikeIsAnother() {
        assertEquals(
                Optional.of("pods in /data/mine2/node/runtime"),
                other(line(SHIM, "pod", "/data/mine2/node/runtime/sandboxes/abc")));
    }
}
