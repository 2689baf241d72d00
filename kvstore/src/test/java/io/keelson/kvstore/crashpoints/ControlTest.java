package io.keelson.kvstore.crashpoints;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.kvstore.crashpoints.Control.Applied;
import io.keelson.kvstore.crashpoints.Control.Entry;
import io.keelson.kvstore.crashpoints.Control.Order;
import io.keelson.kvstore.crashpoints.Control.Vote;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server stays or ends at the first of the points that are armed, whoever armed them and when. */
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
        assertEquals(Order.GO_ON, server.meets(0));
        assertEquals(Order.GO_ON, server.meets(9));
        assertEquals(Order.GO_ON, server.meets(0));
        assertEquals(List.of(0, 9), seen());
        assertEquals(List.of(), seen());
        assertFalse(run.ended());
        assertEquals(-1, run.takeEnd());
        assertEquals(-1, run.whereOneStays());
    }

    @Test
    void itEndsOnceAtTheFirstOfThoseArmed() {
        run.armForCrash(3);
        run.armForCrash(4);
        assertEquals(Order.GO_ON, server.meets(2));
        assertEquals(Order.END, server.meets(4));
        assertEquals(Order.GO_ON, server.meets(3));
        assertTrue(run.ended());
        assertEquals(4, run.takeEnd());
        assertFalse(run.ended());
        assertEquals(Order.GO_ON, server.meets(4));
    }

    /** Who comes while another one stays, or while nobody is to, is seen and goes on. */
    @Test
    void oneStaysAtATime() {
        run.armForImage(3);
        run.armForImage(4);
        assertEquals(Order.STAY, server.meets(3));
        assertEquals(Order.GO_ON, server.meets(4));
        assertTrue(server.staysAt(3));
        assertEquals(3, run.whereOneStays());
        run.shut();
        assertFalse(server.staysAt(3));
        assertEquals(-1, run.whereOneStays());
        assertEquals(Order.GO_ON, server.meets(4));
        run.admit();
        run.disarm(3);
        assertEquals(Order.GO_ON, server.meets(3));
        assertEquals(Order.STAY, server.meets(4));
        server.leave(4);
        assertEquals(-1, run.whereOneStays());
        assertEquals(List.of(3, 4), seen());
    }

    @Test
    void whatWasPromisedIsKnownToWhoCrashes() {
        server.stored(7, 120);
        server.cutAfter(200);
        assertEquals(new Entry(7, 120), run.entry());
        server.cutAfter(110);
        assertEquals(new Entry(0, 110), run.entry());
        server.cutAfter(0);
        assertEquals(new Entry(0, 0), run.entry());
        server.voted(8, "somebody");
        server.applied(3_000_000_000L, 4_000_000_000L);
        assertEquals(new Applied(3_000_000_000L, 4_000_000_000L), run.applied());
        assertEquals(new Vote(8, Control.checksum("somebody")), run.vote());
    }

    private List<Integer> seen() {
        List<Integer> points = new ArrayList<>();
        run.takeSeen(points::add);
        return points;
    }
}
