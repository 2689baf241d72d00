package io.keelson.dist.up;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.join.JoinSettings;
import io.keelson.agent.join.JoinToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JoinFileTest {
    private static final String SECRET = "0123456789abcdef";
    private static final String HASH = "sha256:" + "a".repeat(64);

    private static final JoinFile FILE = JoinFile.of(
            new JoinSettings("192.0.2.1:6443", JoinToken.parse("abcdef." + SECRET), List.of(HASH), Duration.ZERO),
            "two");

    @TempDir
    private Path folder;

    @Test
    void whatWasTypedIsThereAtTheNextStartForNobodyButItsOwner() throws Exception {
        assertFalse(JoinFile.isIn(folder));
        assertEquals(Optional.empty(), JoinFile.read(folder));
        assertEquals("cluster", JoinFile.kind(folder));
        FILE.write(folder);
        assertTrue(JoinFile.isIn(folder));
        assertEquals(Optional.of(FILE), JoinFile.read(folder));
        assertEquals("node", JoinFile.kind(folder));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("join"))));
        assertFalse(FILE.toString().contains(SECRET), FILE.toString());
    }

    @Test
    void theTokenGoesOnceItHasDoneItsWork() throws Exception {
        FILE.write(folder);
        FILE.withoutToken().write(folder);
        JoinFile now = JoinFile.read(folder).orElseThrow();
        assertEquals(Optional.empty(), now.settings(Duration.ZERO));
        assertEquals("two", now.node());
        assertFalse(Files.readString(folder.resolve("join")).contains(SECRET));
    }

    @Test
    void aMachineThatHasJoinedStaysTheSameNodeOfTheSameCluster() throws Exception {
        FILE.requireSame(folder, "192.0.2.1:6443", "two");
        IOException cluster = assertThrows(IOException.class, () -> FILE.requireSame(folder, "192.0.2.9:6443", "two"));
        assertTrue(String.valueOf(cluster.getMessage()).contains("down --data " + folder + " --wipe"));
        assertThrows(IOException.class, () -> FILE.requireSame(folder, "192.0.2.1:6443", "three"));
    }

    @Test
    void aDamagedFileIsToldAsOne() throws Exception {
        Files.writeString(folder.resolve("join"), "token=nothing\n");
        assertTrue(String.valueOf(assertThrows(IOException.class, () -> JoinFile.read(folder))
                        .getMessage())
                .contains("is damaged"));
    }
}
