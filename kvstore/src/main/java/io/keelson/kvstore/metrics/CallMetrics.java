package io.keelson.kvstore.metrics;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.keelson.kvstore.metrics.Metrics.Histogram;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts gRPC calls and their messages under the names that Go's gRPC middleware gives them, and logs unary calls that
 * take too long. Methods that do not exist are counted together, so that nobody can make up names.
 */
public final class CallMetrics extends ServerStreamTracer.Factory {
    private static final Logger log = LoggerFactory.getLogger(CallMetrics.class);
    private static final Status.Code[] CODES = Status.Code.values();

    private final Map<String, Method> methods = new HashMap<>();
    private final Method unknown;
    private final LongAdder receivedBytes;
    private final LongAdder sentBytes;
    private final ClientVersions versions;
    private final long slowNanos;

    /**
     * @param extensive whether the time of each call is kept as a histogram
     * @param slow unary calls that take longer are logged; zero for none
     */
    public CallMetrics(
            Metrics metrics, Collection<ServerServiceDefinition> services, boolean extensive, Duration slow) {
        for (ServerServiceDefinition service : services) {
            service.getMethods()
                    .forEach(method -> methods.put(
                            method.getMethodDescriptor().getFullMethodName(),
                            new Method(method.getMethodDescriptor(), extensive)));
        }
        unknown = new Method("unknown", "unknown", "unary", false);
        receivedBytes = metrics.counter(
                "etcd_network_client_grpc_received_bytes_total",
                "The total number of bytes received from grpc clients.");
        sentBytes = metrics.counter(
                "etcd_network_client_grpc_sent_bytes_total", "The total number of bytes sent to grpc clients.");
        versions = new ClientVersions(metrics.counters(
                "etcd_server_client_requests_total", "The total number of client requests per client version."));
        slowNanos = slow.isZero() || slow.isNegative() ? Long.MAX_VALUE : slow.toNanos();
        metrics.family(
                "grpc_server_started_total",
                "Total number of RPCs started on the server.",
                "counter",
                () -> each(method -> List.of(new Metrics.Sample("", method.labels, (double) method.started.sum()))));
        metrics.family(
                "grpc_server_handled_total",
                "Total number of RPCs completed on the server, regardless of success or failure.",
                "counter",
                () -> each(Method::handledSamples));
        metrics.family(
                "grpc_server_msg_received_total",
                "Total number of RPC stream messages received on the server.",
                "counter",
                () -> each(method -> List.of(new Metrics.Sample("", method.labels, (double) method.received.sum()))));
        metrics.family(
                "grpc_server_msg_sent_total",
                "Total number of gRPC stream messages sent by the server.",
                "counter",
                () -> each(method -> List.of(new Metrics.Sample("", method.labels, (double) method.sent.sum()))));
        if (extensive) {
            metrics.family(
                    "grpc_server_handling_seconds",
                    "Histogram of response latency (seconds) of gRPC that had been application-level handled by the server.",
                    "histogram",
                    () -> each(Method::timeSamples));
        }
    }

    private List<Metrics.Sample> each(Function<Method, List<Metrics.Sample>> samples) {
        return methods.values().stream()
                .sorted(Comparator.comparing(method -> method.labels))
                .flatMap(method -> samples.apply(method).stream())
                .toList();
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
        Method method = methods.getOrDefault(fullMethodName, unknown);
        versions.count(method.unary, headers);
        return new Call(method);
    }

    private static final class Method {
        private final String labels;
        private final String name;
        private final boolean unary;
        private final LongAdder started = new LongAdder();
        private final LongAdder received = new LongAdder();
        private final LongAdder sent = new LongAdder();
        private final LongAdder[] handled = new LongAdder[CODES.length];
        private final @Nullable Histogram seconds;

        Method(MethodDescriptor<?, ?> descriptor, boolean extensive) {
            this(
                    String.valueOf(descriptor.getServiceName()),
                    String.valueOf(descriptor.getBareMethodName()),
                    switch (descriptor.getType()) {
                        case UNARY, UNKNOWN -> "unary";
                        case CLIENT_STREAMING -> "client_stream";
                        case SERVER_STREAMING -> "server_stream";
                        case BIDI_STREAMING -> "bidi_stream";
                    },
                    extensive);
        }

        Method(String service, String method, String type, boolean extensive) {
            labels = Metrics.label("grpc_method", method) + "," + Metrics.label("grpc_service", service) + ","
                    + Metrics.label("grpc_type", type);
            name = service + "/" + method;
            unary = type.equals("unary");
            for (int i = 0; i < handled.length; i++) {
                handled[i] = new LongAdder();
            }
            seconds = extensive ? new Histogram(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10) : null;
        }

        List<Metrics.Sample> handledSamples() {
            List<Metrics.Sample> samples = new ArrayList<>();
            for (Status.Code code : CODES) {
                long count = handled[code.value()].sum();
                samples.add(new Metrics.Sample(
                        "", Metrics.label("grpc_code", goName(code)) + "," + labels, (double) count));
            }
            return samples;
        }

        List<Metrics.Sample> timeSamples() {
            return seconds == null ? List.of() : seconds.samples(labels);
        }

        /** Codes are written here as Go writes them: {@code NotFound}. */
        private static String goName(Status.Code code) {
            if (code == Status.Code.OK) {
                return "OK";
            }
            if (code == Status.Code.CANCELLED) {
                return "Canceled";
            }
            StringBuilder out = new StringBuilder();
            boolean first = true;
            for (char letter : code.name().toCharArray()) {
                if (letter == '_') {
                    first = true;
                } else {
                    out.append(first ? letter : Character.toLowerCase(letter));
                    first = false;
                }
            }
            return out.toString();
        }
    }

    private final class Call extends ServerStreamTracer {
        private final Method method;
        private final long startNanos;

        Call(Method method) {
            this.method = method;
            this.startNanos = method.seconds == null && slowNanos == Long.MAX_VALUE ? 0 : System.nanoTime();
            method.started.increment();
        }

        @Override
        public void inboundMessage(int sequence) {
            method.received.increment();
        }

        @Override
        public void outboundMessage(int sequence) {
            method.sent.increment();
        }

        @Override
        public void inboundWireSize(long bytes) {
            receivedBytes.add(bytes);
        }

        @Override
        public void outboundWireSize(long bytes) {
            sentBytes.add(bytes);
        }

        @Override
        public void streamClosed(Status status) {
            method.handled[status.getCode().value()].increment();
            if (startNanos == 0) {
                return;
            }
            long tookNanos = System.nanoTime() - startNanos;
            if (method.seconds != null) {
                method.seconds.observeNanos(tookNanos);
            }
            if (method.unary && tookNanos > slowNanos) {
                log.warn(
                        "request took too long: {} {} ms, expected less than {} ms, {}",
                        method.name,
                        tookNanos / 1_000_000,
                        slowNanos / 1_000_000,
                        status.getCode());
            }
        }
    }
}
