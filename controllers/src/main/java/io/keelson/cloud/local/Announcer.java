package io.keelson.cloud.local;

import io.keelson.controllers.objects.IpAddress;
import java.io.IOException;
import java.net.NetworkInterface;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps addresses where they were put: renews them, and tells the network of them, at first three times, as a packet
 * may be lost, and then every twenty seconds, as neighbours forget. Nobody is told of what is on the loopback
 * interface.
 */
final class Announcer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Announcer.class);
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final int RENEWED_EACH_TICKS = 20;
    private static final int FIRST_TICKS = 2;

    private final AddressPlacement placement;
    private final String networkInterface;
    private final BooleanSupplier leads;
    /** Addresses that are new, and how often they are still to be told of soon. */
    private final Map<IpAddress, Integer> fresh = new ConcurrentHashMap<>();

    private final Thread thread;

    /**
     * Nothing is put anywhere yet.
     *
     * @param leads whether addresses are this process's to bring and to tell of at a moment
     */
    Announcer(AddressPlacement placement, String networkInterface, BooleanSupplier leads) {
        this.placement = placement;
        this.networkInterface = networkInterface;
        this.leads = leads;
        thread = Thread.ofVirtual().name("announcements").start(this::run);
    }

    /**
     * Puts an address there and tells of it.
     *
     * @throws IOException if that is not possible; for lack of rights, say, or as this process does not lead any more
     */
    void bring(IpAddress address) throws IOException {
        if (!leads.getAsBoolean()) {
            throw new IOException("this process does not lead any more");
        }
        placement.place(address);
        if (placement.placed().contains(address)) {
            announce(address);
            fresh.put(address, FIRST_TICKS);
        }
    }

    /**
     * Takes an address away.
     *
     * @throws IOException if that fails; it goes by itself within a minute then
     */
    void take(IpAddress address) throws IOException {
        fresh.remove(address);
        placement.remove(address);
    }

    private void announce(IpAddress address) throws IOException {
        NetworkInterface at = NetworkInterface.getByName(networkInterface);
        if (at == null) {
            throw new IOException("there is no interface " + networkInterface);
        }
        byte[] hardware = at.getHardwareAddress();
        if (at.isLoopback() || hardware == null || hardware.length != 6) {
            // Nobody is there to hear it, or it has no hardware addresses: a tunnel, say.
            return;
        }
        for (Announcement announcement : Announcement.of(address, hardware)) {
            PacketSocket.send(at.getIndex(), announcement);
        }
    }

    private void run() {
        try {
            for (long tick = 1; ; tick++) {
                Thread.sleep(TICK);
                if (leads.getAsBoolean()) {
                    look(tick % RENEWED_EACH_TICKS == 0);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look(boolean all) {
        if (all) {
            tryOnce(placement::renew);
        }
        for (IpAddress address : placement.placed()) {
            if (all || fresh.containsKey(address)) {
                tryOnce(() -> announce(address));
                fresh.computeIfPresent(address, (key, left) -> left > 1 ? left - 1 : null);
            }
        }
    }

    /** What goes wrong with one address must not keep the others from being renewed, nor end this for good. */
    private void tryOnce(Step step) {
        try {
            step.run();
        } catch (IOException | RuntimeException e) {
            if (!Thread.currentThread().isInterrupted()) {
                LOG.warn("addresses of load balancers on {}: {}", networkInterface, e.toString());
            }
        }
    }

    /** What may fail. */
    private interface Step {
        void run() throws IOException;
    }

    /** Takes all addresses away, and lets none be brought back by what is under way. */
    @Override
    public void close() {
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        // An interrupt would end the commands that are needed now.
        interrupted |= Thread.interrupted();
        for (IpAddress address : placement.placed()) {
            try {
                take(address);
            } catch (IOException e) {
                LOG.warn("{} stays on {} for a minute: {}", address, networkInterface, e.getMessage());
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
