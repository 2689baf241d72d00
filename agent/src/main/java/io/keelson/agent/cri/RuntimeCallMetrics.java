package io.keelson.agent.cri;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is counted of calls to the runtime, under the kubelet's names. A stream that lasts, as that of events, is no such
 * call.
 */
public final class RuntimeCallMetrics {
    private static final double NANOS = 1e9;
    private static final double FIRST = 0.005;
    private static final double TIMES = 2.5;
    private static final int BOUNDS = 14;
    private static final String LABEL = "operation_type";

    private final Counter calls;
    private final Counter errors;
    private final Histogram durations;

    /** Counts in a registry. */
    public RuntimeCallMetrics(PrometheusRegistry registry) {
        calls = Counter.builder()
                .name("kubelet_runtime_operations_total")
                .help("Calls to the runtime, by what it was asked for")
                .labelNames(LABEL)
                .register(registry);
        errors = Counter.builder()
                .name("kubelet_runtime_operations_errors_total")
                .help("Calls to the runtime that failed, by what it was asked for")
                .labelNames(LABEL)
                .register(registry);
        durations = Histogram.builder()
                .name("kubelet_runtime_operations_duration_seconds")
                .help("How long calls to the runtime took, by what it was asked for")
                .labelNames(LABEL)
                .classicOnly()
                .classicExponentialUpperBounds(FIRST, TIMES, BOUNDS)
                .register(registry);
    }

    /** The same connection, whose calls are counted. */
    public RuntimeConnection counted(RuntimeConnection connection) {
        Channel runtime = counted(connection.runtime());
        return new RuntimeConnection(
                runtime, connection.images().equals(connection.runtime()) ? runtime : counted(connection.images()));
    }

    private Channel counted(Channel channel) {
        return ClientInterceptors.intercept(channel, new Counting());
    }

    private final class Counting implements ClientInterceptor {
        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            ClientCall<Q, A> call = next.newCall(method, options);
            return method.getType() == MethodDescriptor.MethodType.UNARY
                    ? new Counted<>(call, operation(method.getBareMethodName()))
                    : call;
        }
    }

    private final class Counted<Q, A> extends SimpleForwardingClientCall<Q, A> {
        private final String operation;

        private Counted(ClientCall<Q, A> call, String operation) {
            super(call);
            this.operation = operation;
        }

        @Override
        public void start(Listener<A> listener, Metadata headers) {
            long begin = System.nanoTime();
            calls.labelValues(operation).inc();
            super.start(
                    new SimpleForwardingClientCallListener<>(listener) {
                        @Override
                        public void onClose(Status status, Metadata trailers) {
                            if (!status.isOk()) {
                                errors.labelValues(operation).inc();
                            }
                            durations.labelValues(operation).observe((System.nanoTime() - begin) / NANOS);
                            super.onClose(status, trailers);
                        }
                    },
                    headers);
        }
    }

    /** A call's name as the kubelet tells it: {@code run_podsandbox} for {@code RunPodSandbox}. */
    private static String operation(@Nullable String method) {
        if (method == null) {
            return "unknown";
        }
        if (method.equals("UpdateContainerResources")) {
            return "update_container";
        }
        return method.replace("PodSandbox", "Podsandbox")
                .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
                .toLowerCase(Locale.ROOT);
    }
}
