package io.keelson.controllers.replicaset;

import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;

/** Gives each ReplicaSet as many pods as it asks for. */
public final class ReplicaSetController implements Controller {
    private final ReplicaLoop<ReplicaSet> loop;

    private ReplicaSetController(Context context, Setup setup) {
        loop = new ReplicaLoop<>(context, setup, new ReplicaSetKind());
    }

    /** The controller with the flags' defaults. */
    public static ControllerDescriptor descriptor() {
        return descriptor(ReplicaSetSettings.DEFAULT);
    }

    /** The controller {@code replicaset-controller}. */
    public static ControllerDescriptor descriptor(ReplicaSetSettings settings) {
        return new ControllerDescriptor(
                "replicaset-controller", settings.concurrentReplicaSetSyncs(), ReplicaSetController::new);
    }

    @Override
    public Outcome reconcile(Key key) throws InterruptedException {
        return loop.reconcile(key);
    }
}
