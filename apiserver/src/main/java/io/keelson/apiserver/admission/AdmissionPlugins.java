package io.keelson.apiserver.admission;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The plugins that there are, by their names, and which of them are on. The order in which they run is that of the
 * Kubernetes API server, whatever the order in which they are added or enabled.
 */
public final class AdmissionPlugins {
    /** All names, in the order in which plugins run. */
    public static final List<String> ORDER = List.of(
            "AlwaysAdmit",
            "NamespaceAutoProvision",
            "NamespaceLifecycle",
            "NamespaceExists",
            "LimitPodHardAntiAffinityTopology",
            "LimitRanger",
            "ServiceAccount",
            "NodeRestriction",
            "TaintNodesByCondition",
            "AlwaysPullImages",
            "ImagePolicyWebhook",
            "PodSecurity",
            "PodNodeSelector",
            "Priority",
            "DefaultTolerationSeconds",
            "PodTolerationRestriction",
            "EventRateLimit",
            "ExtendedResourceToleration",
            "DefaultStorageClass",
            "StorageObjectInUseProtection",
            "PodGroupProtection",
            "OwnerReferencesPermissionEnforcement",
            "PersistentVolumeClaimResize",
            "RuntimeClass",
            "CertificateApproval",
            "CertificateSigning",
            "ClusterTrustBundleAttest",
            "CertificateSubjectRestriction",
            "DefaultIngressClass",
            "DenyServiceExternalIPs",
            "PodTopologyLabels",
            "PodGroupWorkloadExists",
            "NodeDeclaredFeatureValidator",
            "JobValidation",
            "PodResizeValidator",
            "MutatingAdmissionPolicy",
            "MutatingAdmissionWebhook",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionWebhook",
            "ResourceQuota",
            "AlwaysDeny");

    private static final Set<String> ON = Set.of(
            "NamespaceLifecycle",
            "LimitRanger",
            "ServiceAccount",
            "TaintNodesByCondition",
            "PodSecurity",
            "Priority",
            "DefaultTolerationSeconds",
            "DefaultStorageClass",
            "StorageObjectInUseProtection",
            "PodGroupProtection",
            "PersistentVolumeClaimResize",
            "RuntimeClass",
            "CertificateApproval",
            "CertificateSigning",
            "ClusterTrustBundleAttest",
            "CertificateSubjectRestriction",
            "DefaultIngressClass",
            "PodTopologyLabels",
            "PodGroupWorkloadExists",
            "NodeDeclaredFeatureValidator",
            "JobValidation",
            "PodResizeValidator",
            "MutatingAdmissionPolicy",
            "MutatingAdmissionWebhook",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionWebhook",
            "ResourceQuota");

    private final Map<String, Supplier<? extends AdmissionPlugin>> known = new HashMap<>();

    /**
     * Adds a plugin.
     *
     * @param plugin makes it, once, if it is enabled
     */
    public AdmissionPlugins add(String name, Supplier<? extends AdmissionPlugin> plugin) {
        if (!ORDER.contains(name)) {
            throw new IllegalArgumentException("the place of " + name + " among the plugins is not known");
        }
        known.put(name, plugin);
        return this;
    }

    /** The names of the plugins that are on unless somebody says otherwise, in their order. */
    public static List<String> onByDefault() {
        return ORDER.stream().filter(ON::contains).toList();
    }

    /**
     * Those that are enabled, or are on by default and not disabled.
     *
     * @param enabled as in {@code --enable-admission-plugins}
     * @param disabled as in {@code --disable-admission-plugins}
     * @param left are off here unless they are enabled
     * @throws IllegalArgumentException if there is no plugin of a name, or one is to be both
     */
    public AdmissionChain chain(List<String> enabled, List<String> disabled, Set<String> left) {
        refuseNonsense(enabled, disabled);
        Set<String> on = new HashSet<>(ON);
        on.removeAll(left);
        on.removeAll(disabled);
        on.addAll(enabled);
        List<AdmissionPlugin> plugins = new ArrayList<>();
        for (String name : ORDER) {
            Supplier<? extends AdmissionPlugin> plugin = known.get(name);
            if (plugin != null && on.contains(name)) {
                plugins.add(plugin.get());
            }
        }
        return new AdmissionChain(plugins);
    }

    private void refuseNonsense(List<String> enabled, List<String> disabled) {
        List<String> wrong = new ArrayList<>();
        enabled.stream()
                .filter(name -> !known.containsKey(name))
                .forEach(name -> wrong.add("enable-admission-plugins plugin \"" + name + "\" is unknown"));
        disabled.stream()
                .filter(name -> !ORDER.contains(name))
                .forEach(name -> wrong.add("disable-admission-plugins plugin \"" + name + "\" is unknown"));
        Set<String> both = new TreeSet<>(enabled);
        both.retainAll(disabled);
        if (!both.isEmpty()) {
            wrong.add(both.stream().collect(Collectors.joining(" ", "[", "]"))
                    + " in enable-admission-plugins and disable-admission-plugins overlapped");
        }
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(
                    wrong.size() == 1 ? wrong.getFirst() : "[" + String.join(", ", wrong) + "]");
        }
    }
}
