package io.keelson.cloud.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.testing.TestCluster;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AddressPlacementTest {
    private static final String SHOWN = """
            [{"ifname": "lo", "addr_info": [{"local": "127.0.0.1", "valid_life_time": 4294967295}]},
             {"ifname": "eth0", "addr_info": [
               {"local": "192.168.1.5", "valid_life_time": 4294967295},
               {"local": "192.168.1.240", "valid_life_time": 31},
               {"local": "fd00::5", "valid_life_time": 4294967295}]},
             {}]
            """;

    private final List<String> ran = new ArrayList<>();

    private static IpAddress address(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }

    private AddressPlacement placement() {
        return new AddressPlacement("eth0", (arguments, input) -> {
            if (arguments.contains("show")) {
                return SHOWN;
            }
            ran.add(String.join(" ", arguments) + '|' + input.strip());
            return "";
        });
    }

    @Test
    void anAddressIsPutThereForAMinuteAndRenewed() throws IOException {
        AddressPlacement placement = placement();
        placement.place(address("192.168.1.241"));
        placement.place(address("fd00:0::10"));
        placement.place(address("192.168.1.241"));
        String v4 = "addr replace 192.168.1.241/32 dev eth0 valid_lft 60 preferred_lft 60";
        String v6 = "addr replace fd00::10/128 dev eth0 valid_lft 60 preferred_lft 60 nodad";
        assertEquals(List.of("-batch -|" + v4, "-batch -|" + v6), ran);
        ran.clear();
        placement.renew();
        assertEquals(1, ran.size());
        assertEquals(
                Set.of(v4, v6),
                Set.of(ran.getFirst().substring("-force -batch -|".length()).split("\n", -1)));
        ran.clear();
        placement.remove(address("192.168.1.241"));
        placement.remove(address("192.168.1.241"));
        assertEquals(List.of("addr del 192.168.1.241/32 dev eth0|"), ran);
    }

    @Test
    void aRenewalThatIsUnderWayDoesNotBringBackWhatIsTakenAway() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AddressPlacement placement = new AddressPlacement("eth0", (arguments, input) -> {
            if (arguments.contains("-force")) {
                begun.countDown();
                await(goOn);
            }
            if (!arguments.contains("show")) {
                ran.add(String.join(" ", arguments));
            }
            return "[]";
        });
        placement.place(address("192.168.1.241"));
        ran.clear();
        Thread renewing = Thread.ofPlatform().start(() -> quietly(placement::renew));
        await(begun);
        Thread taking = Thread.ofPlatform().start(() -> quietly(() -> placement.remove(address("192.168.1.241"))));
        TestCluster.await(
                "it waits, or has taken it away already",
                () -> taking.getState() == Thread.State.BLOCKED || !taking.isAlive());
        goOn.countDown();
        renewing.join();
        taking.join();
        assertEquals(List.of("-force -batch -", "addr del 192.168.1.241/32 dev eth0"), ran);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(20, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    private static void quietly(Step step) {
        try {
            step.run();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatTheMachineHasForEverIsLeftAndWhatADeadProcessLeftIsTakenOver() throws IOException {
        AddressPlacement placement = placement();
        for (String own : List.of("192.168.1.5", "fd00::5", "127.0.0.1", "127.9.9.9", "::1")) {
            placement.place(address(own));
            placement.remove(address(own));
        }
        assertEquals(List.of(), ran);
        placement.place(address("192.168.1.240"));
        assertEquals(Set.of(address("192.168.1.240")), placement.placed());
    }

    @Test
    void whatTheCommandRefusesIsNotThere() {
        AddressPlacement placement = new AddressPlacement("eth0", (arguments, input) -> {
            if (arguments.contains("show")) {
                return SHOWN;
            }
            throw new IOException("ip: Operation not permitted");
        });
        assertThrows(IOException.class, () -> placement.place(address("192.168.1.240")));
        assertEquals(Set.of(), placement.placed());
        AddressPlacement damaged = new AddressPlacement("eth0", (arguments, input) -> "no JSON");
        assertThrows(IOException.class, () -> damaged.place(address("192.168.1.240")));
    }
}
