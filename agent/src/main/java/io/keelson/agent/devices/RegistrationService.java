package io.keelson.agent.devices;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.keelson.agent.plugins.PluginProblem;
import io.keelson.agent.wire.deviceplugin.Empty;
import io.keelson.agent.wire.deviceplugin.RegisterRequest;
import io.keelson.agent.wire.deviceplugin.RegistrationGrpc;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What plugins call when they begin. */
final class RegistrationService extends RegistrationGrpc.RegistrationImplBase {
    private static final Logger LOG = LoggerFactory.getLogger(RegistrationService.class);

    private final NodeDevices devices;

    RegistrationService(NodeDevices devices) {
        this.devices = devices;
    }

    @Override
    public void register(RegisterRequest request, StreamObserver<Empty> answer) {
        try {
            devices.register(
                    request.getVersion(), request.getEndpoint(), request.getResourceName(), request.getOptions());
        } catch (PluginProblem e) {
            LOG.warn("a device plugin is not taken: {}", e.getMessage());
            answer.onError(Status.UNKNOWN.withDescription(e.getMessage()).asException());
            return;
        }
        answer.onNext(Empty.getDefaultInstance());
        answer.onCompleted();
    }
}
