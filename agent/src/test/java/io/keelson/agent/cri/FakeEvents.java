package io.keelson.agent.cri;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.keelson.agent.wire.cri.ContainerEventResponse;
import java.util.ArrayList;
import java.util.List;

/** Who listens to a fake runtime's events. Any thread. */
final class FakeEvents {
    private final List<StreamObserver<ContainerEventResponse>> listeners = new ArrayList<>();
    private boolean given = true;

    synchronized void given(boolean given) {
        this.given = given;
        if (!given) {
            lose();
        }
    }

    synchronized void lose() {
        listeners.forEach(listener ->
                listener.onError(Status.UNAVAILABLE.withDescription("events are lost").asRuntimeException()));
        listeners.clear();
    }

    synchronized int listeners() {
        return listeners.size();
    }

    synchronized void add(StreamObserver<ContainerEventResponse> listener) {
        if (!given) {
            listener.onError(Status.UNIMPLEMENTED
                    .withDescription("method GetContainerEvents not implemented")
                    .asRuntimeException());
            return;
        }
        ((ServerCallStreamObserver<ContainerEventResponse>) listener).setOnCancelHandler(() -> remove(listener));
        listeners.add(listener);
    }

    private synchronized void remove(StreamObserver<ContainerEventResponse> listener) {
        listeners.remove(listener);
    }

    synchronized void tell(ContainerEventResponse event) {
        listeners.forEach(listener -> listener.onNext(event));
    }
}
