package io.keelson.controllers.certificates;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Signs approved requests of the signers that it has an authority for. */
public final class SigningController implements Controller {
    private static final int WORKERS = 5;

    /** The shortest validity that a request may ask for. */
    private static final Duration SHORTEST = Duration.ofMinutes(10);

    private final CertificateSigningSettings settings;
    private final Context context;
    private final Cache<CertificateSigningRequest> requests;

    private SigningController(CertificateSigningSettings settings, Context context, Setup setup) {
        this.settings = settings;
        this.context = context;
        this.requests = setup.watch(CertificateSigningRequest.class);
    }

    /** As {@code --controllers} names it. */
    public static ControllerDescriptor descriptor(CertificateSigningSettings settings) {
        return new ControllerDescriptor(
                "certificatesigningrequest-signing-controller",
                WORKERS,
                (context, setup) -> new SigningController(settings, context, setup));
    }

    @Override
    public Outcome reconcile(Key key) {
        CertificateSigningRequest request = requests.get(key);
        if (request == null
                || !RequestState.certificate(request).isEmpty()
                || !RequestState.isApproved(request)
                || RequestState.has(request, "Failed")) {
            return Outcome.done();
        }
        Signer signer = Signer.of(request.getSpec().getSignerName());
        CertificateAuthorityFiles files = signer == null ? null : settings.files(signer);
        if (signer == null || files == null) {
            return Outcome.done();
        }
        CertificateSigningRequest answered;
        try {
            answered = signed(request, signer, files);
        } catch (CertificateRequestException e) {
            answered = failed(request, e.text());
        }
        write(answered);
        return Outcome.done();
    }

    private CertificateSigningRequest signed(
            CertificateSigningRequest request, Signer signer, CertificateAuthorityFiles files)
            throws CertificateRequestException {
        List<String> usages = OrEmpty.of(request.getSpec().getUsages());
        RequestedCertificate requested =
                RequestedCertificate.parse(request.getSpec().getRequest());
        SignerRules.check(signer, requested, usages);
        String pem = authority(files)
                .sign(
                        requested,
                        KeyUsages.of(usages),
                        validity(request.getSpec().getExpirationSeconds(), settings.duration()),
                        context.time().instant());
        return new CertificateSigningRequestBuilder(request)
                .editOrNewStatus()
                .withCertificate(Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.UTF_8)))
                .endStatus()
                .build();
    }

    /** As long as is asked for, within what is allowed. */
    static Duration validity(@Nullable Integer seconds, Duration longest) {
        Duration asked = seconds == null ? longest : Duration.ofSeconds(seconds);
        if (asked.compareTo(longest) > 0) {
            return longest;
        }
        return asked.compareTo(SHORTEST) < 0 ? SHORTEST : asked;
    }

    private static CertificateAuthority authority(CertificateAuthorityFiles files) {
        try {
            return CertificateAuthority.parse(Files.readString(files.certificate()), Files.readString(files.key()));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("no certificate authority in " + files, e);
        }
    }

    private CertificateSigningRequest failed(CertificateSigningRequest request, String message) {
        String now = context.time().instant().truncatedTo(ChronoUnit.SECONDS).toString();
        return new CertificateSigningRequestBuilder(request)
                .editOrNewStatus()
                .addNewCondition()
                .withType("Failed")
                .withStatus("True")
                .withReason("SignerValidationFailure")
                .withMessage(message)
                .withLastUpdateTime(now)
                .endCondition()
                .endStatus()
                .build();
    }

    private void write(CertificateSigningRequest request) {
        try {
            context.client().resource(request).updateStatus();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }
}
