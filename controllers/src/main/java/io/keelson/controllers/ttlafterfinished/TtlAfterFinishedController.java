package io.keelson.controllers.ttlafterfinished;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.objects.Deletion;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import io.keelson.controllers.runtime.Time;
import io.prometheus.metrics.core.metrics.Histogram;
import java.time.Duration;
import java.time.Instant;

/** Deletes Jobs some time after they have ended. */
public final class TtlAfterFinishedController implements Controller {
    private static final String NAME = "ttl-after-finished-controller";

    private final KubernetesClient client;
    private final Time time;
    private final Cache<Job> jobs;
    private final Histogram late;

    private TtlAfterFinishedController(Context context, Setup setup) {
        client = context.client();
        time = context.time();
        jobs = setup.watch(Job.class);
        late = setup.metrics()
                .histogram(
                        "ttl_after_finished_controller_job_deletion_duration_seconds",
                        "How long after their time Jobs were deleted",
                        0.1,
                        2,
                        14);
    }

    /** The controller. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor(NAME, 5, TtlAfterFinishedController::new);
    }

    @Override
    public Outcome reconcile(Key key) {
        Job job = jobs.get(key);
        Duration left = job == null ? null : TimeToLive.left(job, time.instant());
        if (left == null || job == null) {
            return Outcome.done();
        }
        if (!left.isZero()) {
            return Outcome.after(left);
        }
        // Its time may have been prolonged, and the cache does not know yet.
        Job fresh = client.resource(job).get();
        Duration freshLeft = fresh == null ? null : TimeToLive.left(fresh, time.instant());
        if (freshLeft == null) {
            return Outcome.done();
        }
        if (!freshLeft.isZero()) {
            return Outcome.after(freshLeft);
        }
        if (Deletion.of(client, fresh, null, "Foreground")) {
            Instant due = TimeToLive.due(fresh);
            if (due != null) {
                late.observe(ControllerMetrics.seconds(Duration.between(due, time.instant())));
            }
        }
        return Outcome.done();
    }
}
