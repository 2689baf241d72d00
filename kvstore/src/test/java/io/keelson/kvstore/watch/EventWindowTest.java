package io.keelson.kvstore.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.keelson.kvstore.mvcc.KvEvent;
import io.keelson.kvstore.mvcc.RevisionEvents;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventWindowTest {
    private static RevisionEvents revision(long revision, int valueBytes) {
        return new RevisionEvents(
                revision, List.of(new KvEvent(new byte[] {'k'}, revision, 0, new byte[valueBytes], null)));
    }

    @Test
    void keepsTheLatestRevisionsUpToItsNumber() {
        EventWindow window = new EventWindow(4, 1 << 20, 10);
        assertEquals(11, window.first());
        for (long revision = 11; revision <= 20; revision++) {
            window.append(revision(revision, 10));
        }
        assertEquals(20, window.last());
        assertEquals(17, window.first());
        assertNull(window.get(16));
        assertNotNull(window.get(17));
        assertNotNull(window.get(20));
        assertNull(window.get(21));
    }

    @Test
    void keepsTheLatestRevisionsUpToItsBytes() {
        EventWindow window = new EventWindow(1 << 10, 10_000, 1);
        for (long revision = 2; revision <= 100; revision++) {
            window.append(revision(revision, 1_000));
        }
        assertEquals(97, window.first());
    }

    @Test
    void aRevisionLargerThanTheWindowIsNotKeptAndLeavesItUsable() {
        EventWindow window = new EventWindow(8, 10_000, 1);
        window.append(revision(2, 10));
        window.append(revision(3, 100_000));
        assertEquals(3, window.last());
        assertEquals(4, window.first());
        assertNull(window.get(3));
        window.append(revision(4, 10));
        assertEquals(4, window.first());
        assertNotNull(window.get(4));
    }

    @Test
    void restartsElsewhere() {
        EventWindow window = new EventWindow(8, 10_000, 1);
        window.append(revision(2, 10));
        window.restart(50);
        assertNull(window.get(2));
        assertEquals(51, window.first());
        window.append(revision(51, 10));
        assertNotNull(window.get(51));
        assertEquals(51, window.first());
    }
}
