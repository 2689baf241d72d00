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

    /** The controller {@code replicaset-controller}. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor("replicaset-controller", 5, ReplicaSetController::new);
    }

    @Override
    public Outcome reconcile(Key key) throws InterruptedException {
        return loop.reconcile(key);
    }
}
