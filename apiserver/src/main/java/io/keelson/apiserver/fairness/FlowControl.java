package io.keelson.apiserver.fairness;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.request.RequestInfo;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.kvstore.metrics.Metrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All levels of priority, and which requests belong to which. Any thread.
 *
 * <p>A level whose configuration is taken away stays until the last of its requests is answered; it gets no new ones.
 */
public final class FlowControl implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(FlowControl.class);

    private static final long SAMPLE_MS = 100;
    private static final int SAMPLES_PER_PERIOD = 100;

    /** What requests belong to that no schema fits. */
    private static final String CATCH_ALL = "catch-all";

    private final int serverSeats;
    private final LongSupplier nanoTime;
    private final FlowTimes times;
    private final ScheduledThreadPoolExecutor timer;
    private final Map<String, PriorityLevel> leaving = new HashMap<>();
    private volatile Setup setup = new Setup(List.of(), new TreeMap<>());
    private final CurrentRequests current = new CurrentRequests();
    private int samples;
    private long sampledNanos;
    private volatile double fairFraction;

    /** Schemas in the order in which they are asked, and levels by name. */
    private record Setup(List<Assigned> schemas, TreeMap<String, PriorityLevel> levels) {}

    private record Assigned(FlowSchema schema, PriorityLevel level) {}

    /** Where a request belongs. */
    record Place(Flow flow, PriorityLevel level) {}

    /**
     * Begins without any level: {@link #configure} it before it is used.
     *
     * @param serverSeats how many requests of one seat are served at a time
     */
    public static FlowControl start(int serverSeats, Metrics metrics) {
        FlowMetrics measured = new FlowMetrics(metrics);
        FlowControl control = new FlowControl(serverSeats, System::nanoTime, measured);
        measured.follow(control);
        var _ = control.timer.scheduleAtFixedRate(control::tick, SAMPLE_MS, SAMPLE_MS, TimeUnit.MILLISECONDS);
        return control;
    }

    FlowControl(int serverSeats, LongSupplier nanoTime, FlowTimes times) {
        this.times = times;
        this.serverSeats = serverSeats;
        this.nanoTime = nanoTime;
        this.sampledNanos = nanoTime.getAsLong();
        this.timer = new ScheduledThreadPoolExecutor(
                1, Thread.ofVirtual().name("seats").factory());
        timer.setRemoveOnCancelPolicy(true);
    }

    /**
     * Has other levels and schemas from now on. Schemas whose level there is none of are left out.
     *
     * @param levels PriorityLevelConfigurations, among them {@code catch-all}
     * @param schemas FlowSchemas, among them one that fits every request
     */
    public synchronized void configure(Collection<? extends JsonNode> levels, Collection<? extends JsonNode> schemas) {
        List<LevelConfiguration> configurations =
                levels.stream().map(LevelConfiguration::of).toList();
        Map<String, SeatLimits> limits = SeatLimits.of(configurations, serverSeats);
        Map<String, PriorityLevel> before = setup.levels();
        TreeMap<String, PriorityLevel> after = new TreeMap<>();
        for (LevelConfiguration configuration : configurations) {
            SeatLimits limit = limits.getOrDefault(configuration.name(), new SeatLimits(0, 0, 0));
            PriorityLevel level = before.get(configuration.name());
            if (level == null) {
                level = leaving.remove(configuration.name());
            }
            if (level == null) {
                level = new PriorityLevel(configuration, limit, nanoTime, times, this::freeLater);
            } else {
                level.configure(configuration, limit);
            }
            after.put(configuration.name(), level);
        }
        before.forEach((name, level) -> {
            if (!after.containsKey(name) && !level.isIdle()) {
                leaving.put(name, level);
            }
        });
        List<Assigned> assigned = new ArrayList<>();
        schemas.stream().map(FlowSchema::of).sorted(FlowSchema.ORDER).forEach(schema -> {
            PriorityLevel level = after.get(schema.level());
            if (level != null) {
                assigned.add(new Assigned(schema, level));
            }
        });
        setup = new Setup(List.copyOf(assigned), after);
    }

    /** Where a request belongs. */
    Place place(UserInfo user, RequestInfo request) {
        Setup now = setup;
        for (Assigned assigned : now.schemas()) {
            if (assigned.schema().fits(user, request)) {
                return new Place(assigned.schema().flow(user, request), assigned.level());
            }
        }
        PriorityLevel level = now.levels().get(CATCH_ALL);
        if (level == null) {
            throw new IllegalStateException("there is no level of priority for what no flow schema fits");
        }
        FlowSchema nothing =
                new FlowSchema(CATCH_ALL, "", Integer.MAX_VALUE, CATCH_ALL, FlowSchema.Distinguisher.USER, List.of());
        return new Place(nothing.flow(user, request), level);
    }

    /** The levels by their names, and after them those that are only there until their requests are answered. */
    synchronized List<PriorityLevel> levels() {
        List<PriorityLevel> levels = new ArrayList<>(setup.levels().values());
        levels.addAll(leaving.values());
        return levels;
    }

    /** The levels that are only there until their requests are answered. */
    synchronized List<PriorityLevel> leaving() {
        return new ArrayList<>(leaving.values());
    }

    /** Requests of all levels, by what they do. */
    CurrentRequests current() {
        return current;
    }

    /** Of their targets, what all levels got that can use it when seats were divided last; 0 if there was not enough. */
    double fairFraction() {
        return fairFraction;
    }

    /** How long something is ago. */
    long nanosSince(long nanos) {
        return nanoTime.getAsLong() - nanos;
    }

    /**
     * Has something done after some time, unless it is called off before.
     *
     * @return calls it off
     */
    Runnable after(Duration delay, Runnable what) {
        try {
            Future<?> scheduled = timer.schedule(what, delay.toNanos(), TimeUnit.NANOSECONDS);
            return () -> {
                var _ = scheduled.cancel(false);
            };
        } catch (RejectedExecutionException e) {
            // Closed: nobody counts any more.
            what.run();
            return () -> {};
        }
    }

    private void freeLater(PriorityLevel.Seat seat) {
        try {
            var _ = timer.schedule(seat::free, seat.work().finalNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // Closed: nobody counts any more.
            seat.free();
        }
    }

    private void tick() {
        try {
            sample();
        } catch (RuntimeException | Error e) {
            // It would not be called again if it failed.
            log.error("Seats are not divided anew", e);
        }
    }

    private void sample() {
        long now = nanoTime.getAsLong();
        long nanos = now - sampledNanos;
        sampledNanos = now;
        current.sample(nanos);
        // A level that has no seats at the moment is measured against what would be a usual share.
        int usual = Math.max(1, Math.round(serverSeats / 10f));
        setup.levels().values().forEach(level -> {
            level.sampleDemand();
            level.sampleUtilization(usual, nanos);
        });
        if (++samples >= SAMPLES_PER_PERIOD) {
            samples = 0;
            divideAnew();
        }
    }

    /** Ends a period: levels lend and borrow by what they had use for. */
    synchronized void divideAnew() {
        leaving.values().removeIf(PriorityLevel::isIdle);
        Map<String, PriorityLevel> levels = setup.levels();
        List<SeatAllocation.Level> uses = new ArrayList<>();
        for (PriorityLevel level : levels.values()) {
            SeatDemand demand = level.demand();
            demand.endPeriod();
            uses.add(level.use());
        }
        SeatAllocation.Division division = SeatAllocation.of(uses);
        fairFraction = division.fairFraction();
        division.seats().forEach((name, seats) -> {
            PriorityLevel level = levels.get(name);
            if (level != null) {
                level.resize(seats);
            }
        });
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
