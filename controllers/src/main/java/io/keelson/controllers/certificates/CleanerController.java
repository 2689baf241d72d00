package io.keelson.controllers.certificates;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.keelson.controllers.objects.Deletion;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import java.time.Duration;
import java.time.Instant;

/** Deletes requests that are of no more use. */
public final class CleanerController implements Controller {
    private final Context context;
    private final Cache<CertificateSigningRequest> requests;

    private CleanerController(Context context, Setup setup) {
        this.context = context;
        this.requests = setup.watch(CertificateSigningRequest.class);
    }

    /** As {@code --controllers} names it. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor("certificatesigningrequest-cleaner-controller", 1, CleanerController::new);
    }

    @Override
    public Outcome reconcile(Key key) {
        CertificateSigningRequest request = requests.get(key);
        if (request == null || request.getMetadata().getDeletionTimestamp() != null) {
            return Outcome.done();
        }
        Instant end = RequestLifetime.end(request);
        Instant now = context.time().instant();
        if (end.isAfter(now)) {
            return end.equals(Instant.MAX) ? Outcome.done() : Outcome.after(Duration.between(now, end));
        }
        Deletion.of(context.client(), request);
        return Outcome.done();
    }
}
