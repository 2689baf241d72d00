package io.keelson.controllers.certificates;

import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestSpec;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.List;

/**
 * Approves requests of kubelets for certificates that they speak to the API with, if they may create such requests:
 * {@code selfnodeclient} for a certificate in the requester's own name, {@code nodeclient} for a node's.
 */
public final class ApprovingController implements Controller {
    private static final int WORKERS = 5;
    private static final String GROUP = "certificates.k8s.io";
    private static final String RESOURCE = "certificatesigningrequests";

    private final Context context;
    private final Cache<CertificateSigningRequest> requests;

    /** What may be approved, by which right, and what is said then. */
    private record Ground(String subresource, String message) {}

    private static final Ground OWN =
            new Ground("selfnodeclient", "Auto approving self kubelet client certificate after SubjectAccessReview.");
    private static final Ground NODES =
            new Ground("nodeclient", "Auto approving kubelet client certificate after SubjectAccessReview.");

    private ApprovingController(Context context, Setup setup) {
        this.context = context;
        this.requests = setup.watch(CertificateSigningRequest.class);
    }

    /** As {@code --controllers} names it. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor(
                "certificatesigningrequest-approving-controller", WORKERS, ApprovingController::new);
    }

    @Override
    public Outcome reconcile(Key key) {
        CertificateSigningRequest request = requests.get(key);
        if (request == null
                || !RequestState.certificate(request).isEmpty()
                || RequestState.has(request, "Approved")
                || RequestState.has(request, "Denied")
                || Signer.of(request.getSpec().getSignerName()) != Signer.KUBE_APISERVER_CLIENT_KUBELET) {
            return Outcome.done();
        }
        List<String> tried = new ArrayList<>();
        for (Ground ground : grounds(request.getSpec())) {
            tried.add(ground.subresource());
            if (isAllowed(request.getSpec(), ground)) {
                approve(request, ground);
                return Outcome.done();
            }
        }
        if (!tried.isEmpty()) {
            // The right may be given yet: it is asked for again, later each time.
            throw new IllegalStateException("recognized csr \"%s\" as [%s] but subject access review was not approved"
                    .formatted(key.name(), String.join(" ", tried)));
        }
        return Outcome.done();
    }

    /** On which grounds a request may be approved; on none if it is not what a kubelet asks for. */
    private static List<Ground> grounds(CertificateSigningRequestSpec spec) {
        try {
            RequestedCertificate requested = RequestedCertificate.parse(spec.getRequest());
            SignerRules.kubeletClient(requested, OrEmpty.of(spec.getUsages()));
            return requested.commonName().equals(spec.getUsername()) ? List.of(OWN, NODES) : List.of(NODES);
        } catch (CertificateRequestException e) {
            // Somebody else may approve it, and the signer says what is wrong with it.
            return List.of();
        }
    }

    private boolean isAllowed(CertificateSigningRequestSpec spec, Ground ground) {
        SubjectAccessReview review = context.client()
                .resource(new SubjectAccessReviewBuilder()
                        .withNewSpec()
                        .withUser(spec.getUsername())
                        .withUid(spec.getUid())
                        .withGroups(OrEmpty.of(spec.getGroups()))
                        .withExtra(OrEmpty.of(spec.getExtra()))
                        .withNewResourceAttributes()
                        .withGroup(GROUP)
                        .withResource(RESOURCE)
                        .withVerb("create")
                        .withSubresource(ground.subresource())
                        .withVersion("*")
                        .endResourceAttributes()
                        .endSpec()
                        .build())
                .create();
        return review.getStatus() != null && OrEmpty.of(review.getStatus().getAllowed());
    }

    private void approve(CertificateSigningRequest request, Ground ground) {
        CertificateSigningRequest approved = new CertificateSigningRequestBuilder(request)
                .editOrNewStatus()
                .addNewCondition()
                .withType("Approved")
                .withStatus("True")
                .withReason("AutoApproved")
                .withMessage(ground.message())
                .endCondition()
                .endStatus()
                .build();
        try {
            context.client()
                    .raw(
                            "/apis/certificates.k8s.io/v1/certificatesigningrequests/"
                                    + request.getMetadata().getName()
                                    + "/approval",
                            "PUT",
                            approved);
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }
}
