package io.keelson.controllers.replicaset;

import io.fabric8.kubernetes.api.model.ReplicationController;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;

/** Gives each ReplicationController as many pods as it asks for. */
public final class ReplicationControllerController implements Controller {
    private final ReplicaLoop<ReplicationController> loop;

    private ReplicationControllerController(Context context, Setup setup) {
        loop = new ReplicaLoop<>(context, setup, new ReplicationControllerKind());
    }

    /** The controller {@code replicationcontroller-controller}. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor("replicationcontroller-controller", 5, ReplicationControllerController::new);
    }

    @Override
    public Outcome reconcile(Key key) throws InterruptedException {
        return loop.reconcile(key);
    }
}
