package io.keelson.agent.claims;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.keelson.agent.wire.drahealth.DRAResourceHealthGrpc;
import io.keelson.agent.wire.drahealth.DeviceHealth;
import io.keelson.agent.wire.drahealth.DeviceIdentifier;
import io.keelson.agent.wire.drahealth.HealthStatus;
import io.keelson.agent.wire.drahealth.NodeWatchResourcesRequest;
import io.keelson.agent.wire.drahealth.NodeWatchResourcesResponse;
import java.util.ArrayList;
import java.util.List;

/** Tells of the devices of a driver what a test has it tell. */
final class FakeHealth extends DRAResourceHealthGrpc.DRAResourceHealthImplBase {
    private final List<StreamObserver<NodeWatchResourcesResponse>> watching = new ArrayList<>();
    private NodeWatchResourcesResponse now = NodeWatchResourcesResponse.getDefaultInstance();
    private int asked;

    /** A device of the pool {@code pool}. */
    static DeviceHealth device(String name, HealthStatus health, String message, long countsForSeconds) {
        return DeviceHealth.newBuilder()
                .setDevice(DeviceIdentifier.newBuilder().setPoolName("pool").setDeviceName(name))
                .setHealth(health)
                .setMessage(message)
                .setHealthCheckTimeoutSeconds(countsForSeconds)
                .build();
    }

    /** Says this, and to whoever asks later. */
    synchronized void tell(DeviceHealth... devices) {
        now = NodeWatchResourcesResponse.newBuilder()
                .addAllDevices(List.of(devices))
                .build();
        watching.forEach(answer -> answer.onNext(now));
    }

    /** Ends all answers. */
    synchronized void end() {
        watching.forEach(StreamObserver::onCompleted);
        watching.clear();
    }

    /** How often somebody has asked. */
    synchronized int asked() {
        return asked;
    }

    /** How many listen. */
    synchronized int listeners() {
        return watching.size();
    }

    @Override
    public synchronized void nodeWatchResources(
            NodeWatchResourcesRequest request, StreamObserver<NodeWatchResourcesResponse> answer) {
        asked++;
        ((ServerCallStreamObserver<NodeWatchResourcesResponse>) answer).setOnCancelHandler(() -> leave(answer));
        watching.add(answer);
        answer.onNext(now);
    }

    private synchronized void leave(StreamObserver<NodeWatchResourcesResponse> answer) {
        watching.remove(answer);
    }
}
