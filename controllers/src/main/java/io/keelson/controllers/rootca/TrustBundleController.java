package io.keelson.controllers.rootca;

import io.fabric8.kubernetes.api.model.certificates.v1beta1.ClusterTrustBundle;
import io.fabric8.kubernetes.api.model.certificates.v1beta1.ClusterTrustBundleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.Deletion;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;

/**
 * {@code kube-apiserver-serving-clustertrustbundle-publisher-controller}: the certificates by which the API server is trusted
 * are in one bundle for the whole cluster, whose name changes with them; bundles of the same signer that have other
 * certificates go once the right one is there. All of it is one key.
 */
public final class TrustBundleController implements Controller {
    /** Whose bundles they are. */
    static final String SIGNER = "kubernetes.io/kube-apiserver-serving";

    private static final String NAME = "kube-apiserver-serving-clustertrustbundle-publisher-controller";
    private static final int WORKERS = 1;
    private static final String OF_SIGNER = "of-api-server";
    private static final Key ALL = new Key("", "bundles");
    private static final int NAME_BYTES = 12;

    private final KubernetesClient client;
    private final RootCaSettings settings;
    private final Cache<ClusterTrustBundle> bundles;
    private final SyncFigures figures;

    private TrustBundleController(RootCaSettings settings, Context context, Setup setup) {
        this.settings = settings;
        client = context.client();
        figures = new SyncFigures(setup.metrics(), "clustertrustbundle_publisher", "bundles");
        bundles =
                setup.watch(ClusterTrustBundle.class, change -> isOfSigner(change.object()) ? List.of(ALL) : List.of());
        bundles.index(OF_SIGNER, bundle -> isOfSigner(bundle) ? List.of(SIGNER) : List.of());
        setup.queue().add(ALL);
    }

    /** The controller, with the certificates of {@code --root-ca-file}. */
    public static ControllerDescriptor descriptor(RootCaSettings settings) {
        return new ControllerDescriptor(
                NAME, WORKERS, (context, setup) -> new TrustBundleController(settings, context, setup));
    }

    private static boolean isOfSigner(ClusterTrustBundle bundle) {
        return bundle.getSpec() != null && SIGNER.equals(bundle.getSpec().getSignerName());
    }

    /** The name of the bundle of these certificates. */
    static String name(String certificates) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(certificates.getBytes(StandardCharsets.UTF_8));
            return SIGNER.replace('/', ':') + ':' + HexFormat.of().formatHex(hash, 0, NAME_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("each JDK has SHA-256", e);
        }
    }

    @Override
    public Outcome reconcile(Key key) {
        figures.count(this::publish);
        return Outcome.done();
    }

    private void publish() {
        String name = name(settings.rootCa());
        publish(name);
        Collection<ClusterTrustBundle> others = bundles.indexed(OF_SIGNER, SIGNER).stream()
                .filter(bundle -> !name.equals(bundle.getMetadata().getName()))
                .toList();
        KubernetesClientException failure = null;
        for (ClusterTrustBundle other : others) {
            try {
                Deletion.of(client, other);
            } catch (KubernetesClientException e) {
                // The rest need not wait for this one.
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void publish(String name) {
        ClusterTrustBundle found = bundles.get("", name);
        if (found == null) {
            try {
                client.resource(new ClusterTrustBundleBuilder()
                                .withNewMetadata()
                                .withName(name)
                                .endMetadata()
                                .withNewSpec(SIGNER, settings.rootCa())
                                .build())
                        .create();
            } catch (KubernetesClientException e) {
                // One that the cache has not seen yet comes by the watch.
                if (!Refusals.isAlreadyExists(e)) {
                    throw e;
                }
            }
        } else if (!settings.rootCa().equals(found.getSpec().getTrustBundle())) {
            client.resource(new ClusterTrustBundleBuilder(found)
                            .editSpec()
                            .withTrustBundle(settings.rootCa())
                            .endSpec()
                            .build())
                    .update();
        }
    }
}
