package io.keelson.cloud.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.controllers.objects.IpAddress;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Nobody is told of what is on the loopback interface, so only commands are seen here. */
class AnnouncerTest {
    private final List<String> ran = new CopyOnWriteArrayList<>();
    private final AtomicBoolean leads = new AtomicBoolean(true);
    private final AddressPlacement placement = new AddressPlacement("lo", (arguments, input) -> {
        if (arguments.contains("show")) {
            return "[]";
        }
        ran.add((Thread.currentThread().isInterrupted() ? "interrupted " : "")
                + (arguments.contains("del") ? "del " + arguments.get(2) : input.split(" ", 4)[2]));
        return "";
    });

    private static IpAddress address(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }

    @Test
    void whoDoesNotLeadBringsNoAddress() throws IOException {
        try (Announcer announcer = new Announcer(placement, "lo", leads::get)) {
            announcer.bring(address("192.0.2.1"));
            leads.set(false);
            assertThrows(IOException.class, () -> announcer.bring(address("192.0.2.2")));
            assertEquals(Set.of(address("192.0.2.1")), placement.placed());
        }
        assertEquals(List.of("192.0.2.1/32", "del 192.0.2.1/32"), ran, "what it had brought it takes away");
    }

    @Test
    void atTheEndAllAddressesAreTakenAwayEvenIfTheThreadIsToEnd() throws IOException {
        try (Announcer announcer = new Announcer(placement, "lo", leads::get)) {
            announcer.bring(address("192.0.2.1"));
            Thread.currentThread().interrupt();
        }
        assertTrue(Thread.interrupted(), "it is still to end");
        assertEquals(List.of("192.0.2.1/32", "del 192.0.2.1/32"), ran);
        assertEquals(Set.of(), placement.placed());
    }
}
