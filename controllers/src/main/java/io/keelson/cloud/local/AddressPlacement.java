package io.keelson.cloud.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.keelson.controllers.objects.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Puts addresses on an interface of this machine. They are put there for a minute at a time and renewed before that is
 * over: when this process dies, however it does, the kernel takes them away, and another machine can have them.
 * Loopback addresses, and such that the machine has for ever, are left as they are.
 *
 * <p>One command runs at a time, so that a renewal which began before an address was taken away does not bring it back.
 */
final class AddressPlacement {
    /** How long the kernel keeps an address that is not renewed. */
    static final Duration LIFETIME = Duration.ofMinutes(1);

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long FOR_EVER = 4_294_967_295L;

    private final String networkInterface;
    private final IpCommand ip;
    private final Set<IpAddress> placed = ConcurrentHashMap.newKeySet();

    /** Puts addresses on an interface, by a command. */
    AddressPlacement(String networkInterface, IpCommand ip) {
        this.networkInterface = networkInterface;
        this.ip = ip;
    }

    /**
     * Lets the machine have an address.
     *
     * @throws IOException if that is not possible; for lack of rights, say
     */
    synchronized void place(IpAddress address) throws IOException {
        if (placed.contains(address) || isLoopback(address) || isOwn(address)) {
            return;
        }
        String _ = ip.run(List.of("-batch", "-"), line("replace", address) + '\n');
        placed.add(address);
    }

    /**
     * Takes an address away that was put there.
     *
     * @throws IOException if that fails; it goes within a minute all the same
     */
    synchronized void remove(IpAddress address) throws IOException {
        if (placed.remove(address)) {
            String _ = ip.run(List.of("addr", "del", address + prefix(address), "dev", networkInterface), "");
        }
    }

    /** What was put there, and is renewed. */
    Set<IpAddress> placed() {
        return Set.copyOf(placed);
    }

    /**
     * Renews all, or puts them back.
     *
     * @throws IOException if that fails
     */
    synchronized void renew() throws IOException {
        if (!placed.isEmpty()) {
            String _ = ip.run(
                    List.of("-force", "-batch", "-"),
                    placed.stream()
                            .map(address -> line("replace", address))
                            .collect(Collectors.joining("\n", "", "\n")));
        }
    }

    private String line(String verb, IpAddress address) {
        long lifetime = LIFETIME.toSeconds();
        // Duplicates are not looked for: the pool is this provider's alone, and the address is to answer at once.
        return "addr " + verb + ' ' + address + prefix(address) + " dev " + networkInterface + " valid_lft " + lifetime
                + " preferred_lft " + lifetime + (address.isV6() ? " nodad" : "");
    }

    private static String prefix(IpAddress address) {
        return address.isV6() ? "/128" : "/32";
    }

    private static boolean isLoopback(IpAddress address) {
        return InetAddress.ofLiteral(address.toString()).isLoopbackAddress();
    }

    /** Whether the machine has the address without this provider. */
    private boolean isOwn(IpAddress address) throws IOException {
        for (JsonNode each : JSON.readTree(ip.run(List.of("-json", "addr", "show"), ""))) {
            for (JsonNode info : each.path("addr_info")) {
                if (address.equals(IpAddress.parse(info.path("local").asText()))
                        && info.path("valid_life_time").asLong() == FOR_EVER) {
                    return true;
                }
            }
        }
        return false;
    }
}
