package io.keelson.agent.command;

import io.fabric8.kubernetes.api.model.Node;
import io.grpc.StatusRuntimeException;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.cri.RuntimeError;
import io.keelson.agent.wire.cri.NetworkConfig;
import io.keelson.agent.wire.cri.RuntimeConfig;
import io.keelson.agent.wire.cri.UpdateRuntimeConfigRequest;
import io.keelson.controllers.objects.OrEmpty;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a runtime from which ranges pods of this node get addresses, which it may need for the configuration of its network
 * ({@code conf_template} of containerd).
 */
final class RangesForRuntime {
    private static final Logger LOG = LoggerFactory.getLogger(RangesForRuntime.class);
    private static final Duration CALL_MAX = Duration.ofSeconds(30);

    private final RuntimeConnection runtime;
    private final AtomicReference<String> told = new AtomicReference<>("");

    RangesForRuntime(RuntimeConnection runtime) {
        this.runtime = runtime;
    }

    /** The node's object was read. Returns at once; what fails is tried again when it is read the next time. */
    void seen(Node node) {
        String ranges = node.getSpec() == null
                ? ""
                : String.join(",", OrEmpty.of(node.getSpec().getPodCIDRs()));
        String before = told.get();
        if (!ranges.isEmpty() && !ranges.equals(before) && told.compareAndSet(before, ranges)) {
            Thread _ = Thread.ofVirtual().name("pod-ranges").start(() -> tell(ranges));
        }
    }

    private void tell(String ranges) {
        try {
            var _ = runtime.runtime(CALL_MAX)
                    .updateRuntimeConfig(UpdateRuntimeConfigRequest.newBuilder()
                            .setRuntimeConfig(RuntimeConfig.newBuilder()
                                    .setNetworkConfig(NetworkConfig.newBuilder().setPodCidr(ranges)))
                            .build());
            LOG.info("Updating Pod CIDR: {}", ranges);
        } catch (StatusRuntimeException e) {
            told.set("");
            LOG.warn("the container runtime does not take the range of pods: {}", RuntimeError.description(e));
        }
    }
}
