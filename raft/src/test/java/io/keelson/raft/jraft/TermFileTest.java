package io.keelson.raft.jraft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TermFileTest {
    @TempDir
    Path directory;

    @Test
    void termAndVoteAreThereAfterARestart() throws IOException {
        Path file = directory.resolve("term");
        TermFile first = new TermFile(file, true);
        first.load();
        assertEquals(0, first.getTerm());
        first.setTermAndVotedFor(7, MemberNames.peer(0xfeedL));
        TermFile second = new TermFile(file, true);
        second.load();
        assertEquals(7, second.getTerm());
        assertEquals(MemberNames.peer(0xfeedL), second.getVotedFor());
    }

    @Test
    void anyFlippedByteIsNoticedAndTheFileNamed() throws IOException {
        Path file = directory.resolve("term");
        new TermFile(file, true).setTermAndVotedFor(7, MemberNames.peer(3));
        byte[] good = Files.readAllBytes(file);
        for (int i = 0; i < good.length; i++) {
            byte[] bad = good.clone();
            bad[i] ^= 0x10;
            Files.write(file, bad);
            IOException told = assertThrows(IOException.class, () -> new TermFile(file, true).load());
            assertTrue(String.valueOf(told.getMessage()).contains(file.toString()), told.getMessage());
        }
    }

    @Test
    void aVoteThatCannotBeWrittenIsNotGiven() throws IOException {
        Path file = directory.resolve("gone").resolve("term");
        TermFile term = new TermFile(file, true);
        term.load();
        assertThrows(UncheckedIOException.class, () -> term.setVotedFor(MemberNames.peer(3)));
        assertTrue(term.getVotedFor().isEmpty());
    }

    @Test
    void startsAreCountedAcrossRestarts() throws IOException {
        Path file = directory.resolve("starts");
        assertEquals(1, StartCounter.next(file, true));
        assertEquals(2, StartCounter.next(file, true));
        Files.write(file, new byte[3]);
        assertThrows(IOException.class, () -> StartCounter.next(file, true));
    }
}
