package io.keelson.apiserver.fairness;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.fairness.FairQueues.Queue;
import io.keelson.apiserver.fairness.FairQueues.Waiter;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Handler;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Tells people what is going on, as tables: {@code dump_priority_levels}, {@code dump_queues} (those that have something to
 * do) and {@code dump_requests} (those that wait).
 */
public final class FlowDump implements Handler {
    private static final int LINES_MAX = 100_000;

    private final String root;
    private final FlowControl control;
    private final InstantSource clock;

    /** @param root what its paths begin with */
    public FlowDump(String root, FlowControl control, InstantSource clock) {
        this.root = root;
        this.control = control;
        this.clock = clock;
    }

    @Override
    public ApiResponse handle(ApiRequest request) {
        List<List<String>> table = switch (request.info().path().substring(root.length())) {
            case "/dump_priority_levels" -> levels();
            case "/dump_queues" -> queues();
            case "/dump_requests" -> requests();
            default -> throw ApiException.noSuchResource();
        };
        return ApiResponse.of(200, "text/plain; charset=utf-8", text(table).getBytes(StandardCharsets.UTF_8));
    }

    private List<List<String>> levels() {
        List<List<String>> table = new ArrayList<>();
        table.add(List.of(
                "PriorityLevelName",
                "ActiveQueues",
                "IsIdle",
                "IsQuiescing",
                "WaitingRequests",
                "ExecutingRequests",
                "DispatchedRequests",
                "RejectedRequests",
                "TimedoutRequests",
                "CancelledRequests"));
        List<PriorityLevel> leaving = control.leaving();
        for (PriorityLevel level : control.levels()) {
            RequestCounts counts = level.counts();
            table.add(List.of(
                    level.name(),
                    text(level.activeQueues()),
                    Boolean.toString(level.isIdle()),
                    Boolean.toString(leaving.contains(level)),
                    text(level.waiting()),
                    text(counts.executing()),
                    text(counts.dispatched()),
                    text(counts.rejected()),
                    text(counts.timedOut()),
                    text(counts.cancelled())));
        }
        return table;
    }

    private List<List<String>> queues() {
        List<List<String>> table = new ArrayList<>();
        table.add(List.of(
                "PriorityLevelName",
                "Index",
                "PendingRequests",
                "ExecutingRequests",
                "SeatsInUse",
                "NextDispatchR",
                "InitialSeatsSum",
                "MaxSeatsSum",
                "TotalWorkSum"));
        for (PriorityLevel level : control.levels()) {
            table.addAll(level.look(
                    queues -> queues.stream().map(queue -> queue(level, queue)).toList()));
        }
        return table;
    }

    private static List<String> queue(PriorityLevel level, Queue queue) {
        int seats = 0;
        double work = 0;
        for (Waiter waiter : queue.waiting()) {
            seats += waiter.work().seats();
            work += waiter.work().seatSeconds(FairQueues.GUESS_SECONDS);
        }
        return List.of(
                level.name(),
                text(queue.index()),
                text(queue.length()),
                text(queue.executing()),
                text(queue.seatsInUse()),
                seconds(queue.nextStart()),
                text(seats),
                text(queue.seatsWaiting()),
                seconds(work));
    }

    private List<List<String>> requests() {
        List<List<String>> table = new ArrayList<>();
        table.add(List.of(
                "PriorityLevelName",
                "FlowSchemaName",
                "QueueIndex",
                "RequestIndexInQueue",
                "FlowDistingsher",
                "ArriveTime",
                "InitialSeats",
                "FinalSeats",
                "AdditionalLatency"));
        Instant now = clock.instant();
        for (PriorityLevel level : control.levels()) {
            table.addAll(level.look(queues -> {
                List<List<String>> lines = new ArrayList<>();
                for (Queue queue : queues) {
                    int index = 0;
                    for (Waiter waiter : queue.waiting()) {
                        if (table.size() + lines.size() < LINES_MAX) {
                            lines.add(request(level, index++, waiter, now));
                        }
                    }
                }
                return lines;
            }));
        }
        return table;
    }

    private List<String> request(PriorityLevel level, int index, Waiter waiter, Instant now) {
        Work work = waiter.work();
        return List.of(
                level.name(),
                waiter.flow().schema().name(),
                text(waiter.queue().index()),
                text(index),
                waiter.flow().distinguisher(),
                now.minusNanos(control.nanosSince(waiter.arrivedNanos())).toString(),
                text(work.seats()),
                text(work.finalSeats()),
                seconds(work.finalNanos() / 1e9));
    }

    private static String text(long number) {
        return Long.toString(number);
    }

    private static String seconds(double seconds) {
        return String.format(Locale.ROOT, "%.8fss", seconds);
    }

    /** Columns stand below each other. Line breaks in names, which users may have, do not break lines. */
    private static String text(List<List<String>> table) {
        int[] widths = new int[table.getFirst().size()];
        for (List<String> line : table) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length() + 2);
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> line : table) {
            for (int i = 0; i < widths.length; i++) {
                String cell = line.get(i).replaceAll("\\p{Cntrl}", "?");
                boolean last = i == widths.length - 1;
                text.append(cell).append(last ? "\n" : ",");
                if (!last) {
                    text.repeat(' ', widths[i] - cell.length() - 1);
                }
            }
        }
        return text.toString();
    }
}
