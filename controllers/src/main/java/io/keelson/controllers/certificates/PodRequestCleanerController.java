package io.keelson.controllers.certificates;

import io.fabric8.kubernetes.api.model.certificates.v1beta1.PodCertificateRequest;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.objects.Deletion;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import io.keelson.controllers.runtime.Time;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;

/**
 * {@code podcertificaterequest-cleaner-controller}: requests of nodes for certificates of pods go after a quarter of an hour,
 * whatever became of them; a node asks and gets its answer faster than that.
 */
public final class PodRequestCleanerController implements Controller {
    private static final String NAME = "podcertificaterequest-cleaner-controller";
    private static final int WORKERS = 1;

    /** How old requests become. */
    static final Duration AGE_MAX = Duration.ofMinutes(15);

    private final KubernetesClient client;
    private final Time time;
    private final Cache<PodCertificateRequest> requests;

    private PodRequestCleanerController(Context context, Setup setup) {
        client = context.client();
        time = context.time();
        requests = setup.watch(PodCertificateRequest.class);
    }

    /** The controller; it has no flags. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor(NAME, WORKERS, PodRequestCleanerController::new);
    }

    @Override
    public Outcome reconcile(Key key) {
        PodCertificateRequest request = requests.get(key);
        if (request == null || request.isMarkedForDeletion()) {
            return Outcome.done();
        }
        Duration left = left(request, time.instant());
        if (left.isPositive()) {
            return Outcome.after(left);
        }
        Deletion.of(client, request);
        return Outcome.done();
    }

    /** How long a request may stay yet; one without a time of its creation, which no API server gives out, may not. */
    static Duration left(PodCertificateRequest request, Instant now) {
        try {
            Instant created = Instant.parse(OrEmpty.of(request.getMetadata().getCreationTimestamp()));
            return Duration.between(now, created.plus(AGE_MAX));
        } catch (DateTimeException e) {
            return Duration.ZERO;
        }
    }
}
