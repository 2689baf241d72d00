package io.keelson.agent.cri;

import io.grpc.Channel;
import io.keelson.agent.wire.cri.ImageServiceGrpc;
import io.keelson.agent.wire.cri.RuntimeServiceGrpc;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A container runtime, spoken to by CRI v1.
 *
 * @param runtime where the runtime service answers
 * @param images where the image service answers; often the same
 */
public record RuntimeConnection(Channel runtime, Channel images) {
    /** Calls of pods and containers that fail after some time with {@code DEADLINE_EXCEEDED}. */
    public RuntimeServiceGrpc.RuntimeServiceBlockingStub runtime(Duration limit) {
        return RuntimeServiceGrpc.newBlockingStub(runtime).withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Calls about images that fail after some time; a pull takes minutes. */
    public ImageServiceGrpc.ImageServiceBlockingStub images(Duration limit) {
        return ImageServiceGrpc.newBlockingStub(images).withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** What the runtime tells by itself is asked for on this stub, which has no time limit. */
    public RuntimeServiceGrpc.RuntimeServiceStub events() {
        return RuntimeServiceGrpc.newStub(runtime);
    }
}
