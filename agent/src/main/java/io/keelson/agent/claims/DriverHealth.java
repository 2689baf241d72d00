package io.keelson.agent.claims;

import io.fabric8.kubernetes.api.model.ResourceHealth;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import io.keelson.agent.wire.drahealth.DRAResourceHealthGrpc;
import io.keelson.agent.wire.drahealth.DeviceHealth;
import io.keelson.agent.wire.drahealth.NodeWatchResourcesRequest;
import io.keelson.agent.wire.drahealth.NodeWatchResourcesResponse;
import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a driver's devices are, as it says itself; it need not serve that. What it says takes the place of all that it said
 * before, and counts for as long as it says. Any thread.
 */
final class DriverHealth implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DriverHealth.class);
    private static final Duration RETRY = Duration.ofSeconds(5);
    private static final Duration COUNTS_FOR = Duration.ofSeconds(30);
    private static final Duration COUNTS_FOR_MAX = Duration.ofDays(365);
    private static final int DEVICES_MAX = 1 << 14;
    private static final int MESSAGE_CHARS_MAX = 1024;

    private final String driver;
    private final ManagedChannel channel;
    private final Time time;
    private final Consumer<Set<DeviceName>> changed;
    private Map<DeviceName, Said> devices = Map.of();
    /** When the next look is for what does not count any more; null if none is planned. */
    private @Nullable Instant nextLook;

    private boolean closed;
    private @Nullable Thread thread;

    /** @param until by the steady clock */
    private record Said(String health, String message, Instant until) {
        boolean isSame(Said other) {
            return health.equals(other.health) && message.equals(other.message);
        }
    }

    /**
     * Of a driver that is connected.
     *
     * @param channel to it; stays the caller's
     * @param changed is told which devices are otherwise than before, with no lock held
     */
    DriverHealth(String driver, ManagedChannel channel, Time time, Consumer<Set<DeviceName>> changed) {
        this.driver = driver;
        this.channel = channel;
        this.time = time;
        this.changed = changed;
    }

    /** Asks it, and asks again after a while whenever it ends its answer. */
    synchronized void start() {
        if (!closed) {
            thread = Thread.ofVirtual().name("device-health-" + driver).start(this::follow);
        }
    }

    private void follow() {
        boolean again = true;
        BlockingClientCall<?, NodeWatchResourcesResponse> call = DRAResourceHealthGrpc.newBlockingV2Stub(channel)
                .withWaitForReady()
                .nodeWatchResources(NodeWatchResourcesRequest.getDefaultInstance());
        try {
            for (@Nullable NodeWatchResourcesResponse said = call.read(); said != null; said = call.read()) {
                if (said.getDevicesCount() > DEVICES_MAX) {
                    LOG.error("{}: more than {} devices are told of; none counts", driver, DEVICES_MAX);
                    break;
                }
                told(said);
            }
            LOG.info("{}: the driver says no more how its devices are", driver);
        } catch (StatusException e) {
            again = e.getStatus().getCode() != Status.Code.UNIMPLEMENTED;
            if (again) {
                LOG.info("{}: the driver says no more how its devices are: {}", driver, e.getStatus());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("{}: what the driver says of its devices cannot be used", driver, e);
        } finally {
            call.cancel("nobody listens any more", null);
            ended(again);
        }
    }

    private void ended(boolean again) {
        Set<DeviceName> known;
        synchronized (this) {
            if (closed) {
                return;
            }
            known = devices.keySet();
            devices = Map.of();
        }
        tell(known);
        if (again) {
            time.after(RETRY, this::start);
        }
    }

    private void tell(Set<DeviceName> others) {
        if (!others.isEmpty()) {
            changed.accept(others);
        }
    }

    private void told(NodeWatchResourcesResponse said) {
        Set<DeviceName> others = new HashSet<>();
        synchronized (this) {
            if (closed) {
                return;
            }
            Instant now = time.steady();
            Map<DeviceName, Said> next = new HashMap<>();
            for (DeviceHealth device : said.getDevicesList()) {
                next.put(
                        new DeviceName(
                                device.getDevice().getPoolName(),
                                device.getDevice().getDeviceName()),
                        said(device, now));
            }
            next.forEach((name, is) -> {
                Said was = devices.get(name);
                if (was == null || !was.isSame(is)) {
                    others.add(name);
                }
            });
            devices.keySet().stream().filter(name -> !next.containsKey(name)).forEach(others::add);
            devices = next;
            await(now);
        }
        tell(others);
    }

    private static Said said(DeviceHealth device, Instant now) {
        String health = switch (device.getHealth()) {
            case HEALTHY -> "Healthy";
            case UNHEALTHY -> "Unhealthy";
            case UNKNOWN, UNRECOGNIZED -> "Unknown";
        };
        long seconds = device.getHealthCheckTimeoutSeconds();
        Duration countsFor =
                seconds <= 0 ? COUNTS_FOR : Duration.ofSeconds(Math.min(seconds, COUNTS_FOR_MAX.toSeconds()));
        return new Said(health, shortened(device.getMessage()), now.plus(countsFor));
    }

    /** No character is cut in two. */
    private static String shortened(String message) {
        return message.codePointCount(0, message.length()) > MESSAGE_CHARS_MAX
                ? message.substring(0, message.offsetByCodePoints(0, MESSAGE_CHARS_MAX))
                : message;
    }

    /** One look is planned at a time, however often the driver says something, unless an earlier one is needed. */
    private void await(Instant now) {
        Optional<Instant> first = devices.values().stream().map(Said::until).min(Instant::compareTo);
        if (first.isPresent() && (nextLook == null || first.get().isBefore(nextLook))) {
            Instant at = first.get();
            nextLook = at;
            time.after(
                    Duration.between(now, at),
                    () -> Thread.ofVirtual().name("device-health-" + driver).start(() -> look(at)));
        }
    }

    private void look(Instant planned) {
        Set<DeviceName> over = new HashSet<>();
        synchronized (this) {
            if (closed || !planned.equals(nextLook)) {
                // An earlier look has taken its place.
                return;
            }
            nextLook = null;
            Instant now = time.steady();
            Map<DeviceName, Said> left = new HashMap<>();
            devices.forEach((name, said) -> {
                if (said.until().isAfter(now)) {
                    left.put(name, said);
                } else {
                    over.add(name);
                }
            });
            devices = left;
            await(now);
        }
        tell(over);
    }

    /** How a device is; nobody knows that of one that the driver has not told of lately. */
    synchronized ResourceHealth of(DeviceName device, String resourceId) {
        Said said = devices.get(device);
        if (said == null || !said.until().isAfter(time.steady())) {
            return unknown(resourceId);
        }
        ResourceHealth health = new ResourceHealth(said.health(), resourceId);
        if (!said.message().isEmpty()) {
            // The model of the client does not know it yet.
            health.setAdditionalProperty("message", said.message());
        }
        return health;
    }

    /** What is said of a device of which nothing is known. */
    static ResourceHealth unknown(String resourceId) {
        return new ResourceHealth("Unknown", resourceId);
    }

    /** The devices of which the driver has told. */
    synchronized Set<DeviceName> devices() {
        return Set.copyOf(devices.keySet());
    }

    /** Asks no more; nobody is told. */
    @Override
    public synchronized void close() {
        closed = true;
        if (thread != null) {
            thread.interrupt();
        }
    }
}
