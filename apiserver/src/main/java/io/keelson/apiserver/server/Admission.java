package io.keelson.apiserver.server;

import io.keelson.apiserver.admission.AdmissionChain;
import io.keelson.apiserver.admission.AdmissionPlugins;
import io.keelson.apiserver.admission.AlwaysAdmit;
import io.keelson.apiserver.admission.AlwaysDeny;
import io.keelson.apiserver.admission.GatedOff;
import io.keelson.apiserver.admission.KindLookup;
import io.keelson.apiserver.admission.NamespaceAutoProvision;
import io.keelson.apiserver.admission.NamespaceExists;
import io.keelson.apiserver.admission.NamespaceLifecycle;
import io.keelson.apiserver.admission.ObjectAccess;
import io.keelson.apiserver.admission.OwnerReferencesPermissionEnforcement;
import io.keelson.apiserver.admission.accounts.ServiceAccount;
import io.keelson.apiserver.admission.certificates.CertificateApproval;
import io.keelson.apiserver.admission.certificates.CertificateSigning;
import io.keelson.apiserver.admission.certificates.CertificateSubjectRestriction;
import io.keelson.apiserver.admission.certificates.ClusterTrustBundleAttest;
import io.keelson.apiserver.admission.defaults.AlwaysPullImages;
import io.keelson.apiserver.admission.defaults.DefaultIngressClass;
import io.keelson.apiserver.admission.defaults.DefaultStorageClass;
import io.keelson.apiserver.admission.defaults.DefaultTolerationSeconds;
import io.keelson.apiserver.admission.defaults.ExtendedResourceToleration;
import io.keelson.apiserver.admission.defaults.PodGroupProtection;
import io.keelson.apiserver.admission.defaults.PodNodeSelector;
import io.keelson.apiserver.admission.defaults.PodTolerationRestriction;
import io.keelson.apiserver.admission.defaults.PodTopologyLabels;
import io.keelson.apiserver.admission.defaults.Priority;
import io.keelson.apiserver.admission.defaults.RuntimeClass;
import io.keelson.apiserver.admission.defaults.StorageObjectInUseProtection;
import io.keelson.apiserver.admission.defaults.TaintNodesByCondition;
import io.keelson.apiserver.admission.devices.DeviceAdminAccess;
import io.keelson.apiserver.admission.images.ImagePolicy;
import io.keelson.apiserver.admission.images.ImagePolicyWebhook;
import io.keelson.apiserver.admission.limits.DenyServiceExternalIps;
import io.keelson.apiserver.admission.limits.EventRateLimit;
import io.keelson.apiserver.admission.limits.LimitPodHardAntiAffinityTopology;
import io.keelson.apiserver.admission.limits.LimitRanger;
import io.keelson.apiserver.admission.limits.NodeDeclaredFeatureValidator;
import io.keelson.apiserver.admission.limits.PersistentVolumeClaimResize;
import io.keelson.apiserver.admission.limits.PodGroupWorkloadExists;
import io.keelson.apiserver.admission.limits.PodResizeValidator;
import io.keelson.apiserver.admission.nodes.NodeRestriction;
import io.keelson.apiserver.admission.podsecurity.PodSecurity;
import io.keelson.apiserver.admission.podsecurity.PodSecurityMetrics;
import io.keelson.apiserver.admission.policy.MutatingAdmissionPolicy;
import io.keelson.apiserver.admission.policy.ValidatingAdmissionPolicy;
import io.keelson.apiserver.admission.policy.ValidatingPolicyMetrics;
import io.keelson.apiserver.admission.quota.ResourceQuota;
import io.keelson.apiserver.admission.webhook.MutatingAdmissionWebhook;
import io.keelson.apiserver.admission.webhook.ValidatingAdmissionWebhook;
import io.keelson.apiserver.admission.webhook.WebhookMetrics;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.certs.RemoteCalls;
import io.keelson.apiserver.webhook.WebhookClient;
import io.keelson.kvstore.metrics.Metrics;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.function.Consumer;

/** The plugins of this server. Their places among each other are in {@link AdmissionPlugins#ORDER}. */
public final class Admission {
    private static final Duration ACCOUNT_PAUSE = Duration.ofMillis(150);
    private static final String JOB_VALIDATION = "JobValidation";
    private static final String MUTATING = "MutatingAdmissionWebhook";
    private static final String VALIDATING = "ValidatingAdmissionWebhook";
    private static final Set<String> NEED_CONTROLLERS = Set.of("ServiceAccount");

    private Admission() {}

    /**
     * The plugins that are on, in their order, and last what is never off.
     *
     * @param objects where they find other objects
     * @param kinds where they find objects of kinds that configurations name
     * @param authorizer may not be able to answer before the server serves
     * @param webhooks by whom the two plugins for webhooks call them
     * @param metrics where plugins count what they do, of no other chain
     * @param held receives what is to be closed when the plugins are not used any more
     * @throws IllegalArgumentException if the settings name plugins that there are not
     */
    public static AdmissionChain of(
            ObjectAccess objects,
            KindLookup kinds,
            Authorizer authorizer,
            AdmissionSettings settings,
            WebhookClient webhooks,
            Metrics metrics,
            Consumer<AutoCloseable> held,
            InstantSource clock) {
        return plugins(objects, kinds, authorizer, settings, webhooks, metrics, held, clock)
                .chain(settings.enabled(), settings.disabled(), settings.controllers() ? Set.of() : NEED_CONTROLLERS)
                .and(new DeviceAdminAccess(objects));
    }

    private static AdmissionPlugins plugins(
            ObjectAccess objects,
            KindLookup kinds,
            Authorizer authorizer,
            AdmissionSettings settings,
            WebhookClient webhooks,
            Metrics metrics,
            Consumer<AutoCloseable> held,
            InstantSource clock) {
        WebhookMetrics webhookMetrics = new WebhookMetrics(metrics);
        return new AdmissionPlugins()
                .add("AlwaysAdmit", AlwaysAdmit::new)
                .add("NamespaceAutoProvision", () -> new NamespaceAutoProvision(objects))
                .add("NamespaceLifecycle", () -> new NamespaceLifecycle(objects))
                .add("NamespaceExists", () -> new NamespaceExists(objects))
                .add("LimitPodHardAntiAffinityTopology", LimitPodHardAntiAffinityTopology::new)
                .add("LimitRanger", () -> new LimitRanger(objects))
                .add("ServiceAccount", () -> new ServiceAccount(objects, ACCOUNT_PAUSE))
                .add("NodeRestriction", () -> new NodeRestriction(objects, authorizer))
                .add("TaintNodesByCondition", TaintNodesByCondition::new)
                .add("AlwaysPullImages", AlwaysPullImages::new)
                .add("ImagePolicyWebhook", () -> imagePolicy(settings, held, clock))
                .add(
                        "PodSecurity",
                        () -> new PodSecurity(
                                objects, settings.configuration().podSecurity(), new PodSecurityMetrics(metrics)))
                .add(
                        "PodNodeSelector",
                        () -> new PodNodeSelector(
                                objects, settings.configuration().nodeSelectors()))
                .add("Priority", () -> new Priority(objects))
                .add(
                        "DefaultTolerationSeconds",
                        () -> new DefaultTolerationSeconds(settings.notReadySeconds(), settings.unreachableSeconds()))
                .add(
                        "PodTolerationRestriction",
                        () -> new PodTolerationRestriction(
                                objects, settings.configuration().of("PodTolerationRestriction")))
                .add(
                        "EventRateLimit",
                        () -> new EventRateLimit(settings.configuration().of("EventRateLimit")))
                .add("ExtendedResourceToleration", ExtendedResourceToleration::new)
                .add("DefaultStorageClass", () -> new DefaultStorageClass(objects))
                .add("StorageObjectInUseProtection", StorageObjectInUseProtection::new)
                .add("PodGroupProtection", PodGroupProtection::new)
                .add(
                        "OwnerReferencesPermissionEnforcement",
                        () -> new OwnerReferencesPermissionEnforcement(authorizer, kinds))
                .add("PersistentVolumeClaimResize", () -> new PersistentVolumeClaimResize(objects))
                .add("RuntimeClass", () -> new RuntimeClass(objects))
                .add("CertificateApproval", () -> new CertificateApproval(authorizer))
                .add("CertificateSigning", () -> new CertificateSigning(authorizer))
                .add("ClusterTrustBundleAttest", () -> new ClusterTrustBundleAttest(authorizer))
                .add("CertificateSubjectRestriction", CertificateSubjectRestriction::new)
                .add("DefaultIngressClass", () -> new DefaultIngressClass(objects))
                .add("DenyServiceExternalIPs", DenyServiceExternalIps::new)
                .add("PodTopologyLabels", () -> new PodTopologyLabels(objects))
                .add("PodGroupWorkloadExists", () -> new PodGroupWorkloadExists(objects, kinds))
                .add("NodeDeclaredFeatureValidator", () -> new NodeDeclaredFeatureValidator(objects))
                .add(JOB_VALIDATION, () -> new GatedOff(JOB_VALIDATION))
                .add("PodResizeValidator", () -> new PodResizeValidator(objects))
                .add("MutatingAdmissionPolicy", () -> new MutatingAdmissionPolicy(objects, kinds, authorizer))
                .add(
                        MUTATING,
                        () -> new MutatingAdmissionWebhook(
                                objects, showing(settings, MUTATING, webhooks), authorizer, webhookMetrics))
                .add(
                        "ValidatingAdmissionPolicy",
                        () -> new ValidatingAdmissionPolicy(
                                objects, kinds, authorizer, new ValidatingPolicyMetrics(metrics)))
                .add(
                        VALIDATING,
                        () -> new ValidatingAdmissionWebhook(
                                objects, showing(settings, VALIDATING, webhooks), authorizer, webhookMetrics))
                .add(
                        "ResourceQuota",
                        () -> new ResourceQuota(
                                objects, settings.configuration().limitedResources(), clock))
                .add("AlwaysDeny", AlwaysDeny::new);
    }

    private static ImagePolicyWebhook imagePolicy(
            AdmissionSettings settings, Consumer<AutoCloseable> held, InstantSource clock) {
        ImagePolicy policy = settings.configuration().imagePolicy();
        RemoteCalls calls;
        try {
            calls = policy.open();
        } catch (IOException e) {
            throw new IllegalArgumentException("ImagePolicyWebhook: " + e.getMessage(), e);
        }
        held.accept(calls);
        return new ImagePolicyWebhook(policy, calls, clock);
    }

    private static WebhookClient showing(AdmissionSettings settings, String plugin, WebhookClient webhooks) {
        return webhooks.showing(settings.configuration().shownBy(plugin));
    }
}
