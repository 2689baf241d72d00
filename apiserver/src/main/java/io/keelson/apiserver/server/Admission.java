package io.keelson.apiserver.server;

import io.keelson.apiserver.admission.AdmissionChain;
import io.keelson.apiserver.admission.AdmissionPlugins;
import io.keelson.apiserver.admission.AlwaysAdmit;
import io.keelson.apiserver.admission.AlwaysDeny;
import io.keelson.apiserver.admission.KindLookup;
import io.keelson.apiserver.admission.NamespaceAutoProvision;
import io.keelson.apiserver.admission.NamespaceExists;
import io.keelson.apiserver.admission.NamespaceLifecycle;
import io.keelson.apiserver.admission.ObjectAccess;
import io.keelson.apiserver.admission.accounts.ServiceAccount;
import io.keelson.apiserver.admission.defaults.AlwaysPullImages;
import io.keelson.apiserver.admission.defaults.DefaultIngressClass;
import io.keelson.apiserver.admission.defaults.DefaultStorageClass;
import io.keelson.apiserver.admission.defaults.DefaultTolerationSeconds;
import io.keelson.apiserver.admission.defaults.ExtendedResourceToleration;
import io.keelson.apiserver.admission.defaults.PodNodeSelector;
import io.keelson.apiserver.admission.defaults.Priority;
import io.keelson.apiserver.admission.defaults.RuntimeClass;
import io.keelson.apiserver.admission.defaults.StorageObjectInUseProtection;
import io.keelson.apiserver.admission.defaults.TaintNodesByCondition;
import io.keelson.apiserver.admission.limits.DenyServiceExternalIps;
import io.keelson.apiserver.admission.limits.LimitRanger;
import io.keelson.apiserver.admission.limits.PersistentVolumeClaimResize;
import io.keelson.apiserver.admission.podsecurity.PodSecurity;
import io.keelson.apiserver.admission.podsecurity.PodSecurityConfiguration;
import io.keelson.apiserver.admission.policy.MutatingAdmissionPolicy;
import io.keelson.apiserver.admission.policy.ValidatingAdmissionPolicy;
import io.keelson.apiserver.admission.quota.ResourceQuota;
import io.keelson.apiserver.admission.webhook.MutatingAdmissionWebhook;
import io.keelson.apiserver.admission.webhook.ValidatingAdmissionWebhook;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.webhook.WebhookClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;

/** The plugins of this server. Their places among each other are in {@link AdmissionPlugins#ORDER}. */
final class Admission {
    private static final Duration ACCOUNT_PAUSE = Duration.ofMillis(150);
    private static final Set<String> NEED_CONTROLLERS = Set.of("ServiceAccount");

    private Admission() {}

    /**
     * @param authorizer may not be able to answer before the server serves
     * @throws IllegalArgumentException if the settings name plugins that there are not
     */
    static AdmissionChain of(
            ObjectAccess objects,
            KindLookup kinds,
            Authorizer authorizer,
            AdmissionSettings settings,
            WebhookClient webhooks,
            InstantSource clock) {
        return plugins(objects, kinds, authorizer, settings, webhooks, clock)
                .chain(settings.enabled(), settings.disabled(), settings.controllers() ? Set.of() : NEED_CONTROLLERS);
    }

    private static AdmissionPlugins plugins(
            ObjectAccess objects,
            KindLookup kinds,
            Authorizer authorizer,
            AdmissionSettings settings,
            WebhookClient webhooks,
            InstantSource clock) {
        return new AdmissionPlugins()
                .add("AlwaysAdmit", AlwaysAdmit::new)
                .add("NamespaceAutoProvision", () -> new NamespaceAutoProvision(objects))
                .add("NamespaceLifecycle", () -> new NamespaceLifecycle(objects))
                .add("NamespaceExists", () -> new NamespaceExists(objects))
                .add("LimitRanger", () -> new LimitRanger(objects))
                .add("ServiceAccount", () -> new ServiceAccount(objects, ACCOUNT_PAUSE))
                .add("TaintNodesByCondition", TaintNodesByCondition::new)
                .add("AlwaysPullImages", AlwaysPullImages::new)
                .add("PodSecurity", () -> new PodSecurity(objects, PodSecurityConfiguration.DEFAULT))
                .add("PodNodeSelector", () -> new PodNodeSelector(objects, Map.of()))
                .add("Priority", () -> new Priority(objects))
                .add(
                        "DefaultTolerationSeconds",
                        () -> new DefaultTolerationSeconds(settings.notReadySeconds(), settings.unreachableSeconds()))
                .add("ExtendedResourceToleration", ExtendedResourceToleration::new)
                .add("DefaultStorageClass", () -> new DefaultStorageClass(objects))
                .add("StorageObjectInUseProtection", StorageObjectInUseProtection::new)
                .add("PersistentVolumeClaimResize", () -> new PersistentVolumeClaimResize(objects))
                .add("RuntimeClass", () -> new RuntimeClass(objects))
                .add("DefaultIngressClass", () -> new DefaultIngressClass(objects))
                .add("DenyServiceExternalIPs", DenyServiceExternalIps::new)
                .add("MutatingAdmissionPolicy", () -> new MutatingAdmissionPolicy(objects, kinds, authorizer))
                .add("MutatingAdmissionWebhook", () -> new MutatingAdmissionWebhook(objects, webhooks, authorizer))
                .add("ValidatingAdmissionPolicy", () -> new ValidatingAdmissionPolicy(objects, kinds, authorizer))
                .add("ValidatingAdmissionWebhook", () -> new ValidatingAdmissionWebhook(objects, webhooks, authorizer))
                .add("ResourceQuota", () -> new ResourceQuota(objects, clock))
                .add("AlwaysDeny", AlwaysDeny::new);
    }
}
