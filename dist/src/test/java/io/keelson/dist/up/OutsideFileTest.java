package io.keelson.dist.up;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.cri.RuntimeEndpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OutsideFileTest {
    private final Path parent;
    private final Path folder;

    OutsideFileTest(@TempDir Path parent) {
        this.parent = parent;
        folder = parent.resolve("cluster");
    }

    @BeforeEach
    void make() throws IOException {
        Files.createDirectories(folder);
    }

    @Test
    void whatWasWrittenDownIsThereLater() throws Exception {
        Path odd = Files.createFile(parent.resolve("a = b: ü"));
        Path other = Files.createFile(parent.resolve("config"));
        OutsideFile outside = new OutsideFile(folder);
        outside.addKubeconfig(odd);
        outside.addKubeconfig(folder.resolve("../config"));
        outside.addKubeconfig(folder.resolve("kubeconfig"));
        outside.addRuntime("unix:///run/mine.sock");
        outside.addRuntime("embedded");
        OutsideFile again = new OutsideFile(folder);
        assertEquals(Set.of(odd, other), again.kubeconfigs());
        assertEquals(Set.of(new RuntimeEndpoint("/run/mine.sock")), again.runtimes());
        Files.delete(odd);
        again.addKubeconfig(parent.resolve("third"));
        assertEquals(Set.of(other, parent.resolve("third")), again.kubeconfigs());
    }

    @Test
    void aDamagedOneIsSaidToBeSo() throws Exception {
        OutsideFile outside = new OutsideFile(folder);
        assertEquals(Set.of(), outside.kubeconfigs());
        for (String text : new String[] {"\\u12", "relative=runtime"}) {
            Files.writeString(folder.resolve("outside"), text);
            String said = String.valueOf(
                    assertThrows(IOException.class, outside::runtimes).getMessage());
            assertTrue(said.startsWith(folder.resolve("outside") + " is damaged: remove it"), said);
        }
    }
}
