package io.keelson.kvstore.crashpoints;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server ends at the first of the points that are armed, whoever armed them and when. */
class ControlTest {
    private Control run;
    private Control server;

    @BeforeEach
    void openTwice(@TempDir Path folder) throws Exception {
        run = Control.create(folder.resolve("control"), 10);
        server = Control.open(folder.resolve("control"));
    }

    @Test
    void whatIsNotArmedIsOnlySeen() {
        assertFalse(server.endsAt(0));
        assertFalse(server.endsAt(9));
        assertFalse(server.endsAt(0));
        assertEquals(List.of(0, 9), seen());
        assertEquals(List.of(), seen());
        assertFalse(run.ended());
        assertEquals(-1, run.takeEnd());
    }

    @Test
    void itEndsOnceAtTheFirstOfThoseArmed() {
        run.occurrence(1);
        run.arm(3);
        run.arm(4);
        assertFalse(server.endsAt(2));
        assertTrue(server.endsAt(4));
        assertFalse(server.endsAt(3));
        assertTrue(run.ended());
        assertEquals(4, run.takeEnd());
        assertFalse(run.ended());
        assertFalse(server.endsAt(4));
    }

    @Test
    void eventsOfAllThatCountAreCountedTogether() {
        run.occurrence(3);
        run.arm(3);
        run.arm(4);
        assertFalse(server.endsAt(3));
        assertFalse(server.endsAt(4));
        assertTrue(server.endsAt(3));
    }

    @Test
    void whatIsArmedAtOnceAwaitsNoCount() {
        run.occurrence(50);
        run.arm(3);
        run.armAtOnce(4);
        assertFalse(server.endsAt(3));
        assertTrue(server.endsAt(4));
    }

    @Test
    void theCountMayBeShortenedMeanwhile() {
        run.occurrence(50);
        run.arm(3);
        assertFalse(server.endsAt(3));
        run.occurrence(1);
        assertTrue(server.endsAt(3));
    }

    private List<Integer> seen() {
        List<Integer> points = new ArrayList<>();
        run.takeSeen(points::add);
        return points;
    }
}
