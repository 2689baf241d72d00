package io.keelson.scheduler.config;

import io.keelson.scheduler.config.SchedulerConfiguration.Extender;
import io.keelson.scheduler.config.SchedulerConfiguration.LeaderElection;
import io.keelson.scheduler.config.SchedulerConfiguration.ManagedResource;
import io.keelson.scheduler.config.SchedulerConfiguration.PluginEntry;
import io.keelson.scheduler.config.SchedulerConfiguration.PluginSet;
import io.keelson.scheduler.config.SchedulerConfiguration.Profile;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a configuration may say beyond its form, as kube-scheduler checks it. */
final class Validation {
    /** Plugins of earlier versions. */
    private static final Set<String> REMOVED = Set.of("AzureDiskLimits", "CinderLimits", "EBSLimits", "GCEPDLimits");

    private static final int PERCENT_MAX = 100;
    private static final int PROFILES_MAX = 256;
    private static final int EXTENDERS_MAX = 64;

    void check(SchedulerConfiguration configuration) {
        if (configuration.parallelism() <= 0) {
            throw Refused.invalid(
                    "parallelism", configuration.parallelism(), "should be an integer value greater than zero");
        }
        percentage("percentageOfNodesToScore", configuration.percentageOfNodesToScore());
        if (configuration.podInitialBackoffSeconds() <= 0) {
            throw Refused.invalid(
                    "podInitialBackoffSeconds", configuration.podInitialBackoffSeconds(), "must be greater than 0");
        }
        if (configuration.podMaxBackoffSeconds() < configuration.podInitialBackoffSeconds()) {
            throw Refused.invalid(
                    "podMaxBackoffSeconds",
                    configuration.podMaxBackoffSeconds(),
                    "must be greater than or equal to PodInitialBackoffSeconds");
        }
        if (configuration.podMaxBackoffSeconds() > Integer.MAX_VALUE) {
            throw Refused.invalid("podMaxBackoffSeconds", configuration.podMaxBackoffSeconds(), "is too long");
        }
        if (configuration.clientConnection().burst() < 0) {
            throw Refused.invalid(
                    "clientConnection.burst", configuration.clientConnection().burst(), "must be non-negative");
        }
        election(configuration.leaderElection());
        profiles(configuration.profiles());
        extenders(configuration.extenders());
    }

    private static void percentage(String path, @Nullable Integer value) {
        if (value != null && (value < 0 || value > PERCENT_MAX)) {
            throw Refused.invalid(path, value, "not in valid range [0-100]");
        }
    }

    private static void election(LeaderElection election) {
        Duration lease = Refused.duration("leaderElection.leaseDuration", election.leaseDuration());
        Duration renew = Refused.duration("leaderElection.renewDeadline", election.renewDeadline());
        Duration retry = Refused.duration("leaderElection.retryPeriod", election.retryPeriod());
        if (!election.leaderElect()) {
            return;
        }
        positive("leaderElection.leaseDuration", lease);
        positive("leaderElection.renewDeadline", renew);
        positive("leaderElection.retryPeriod", retry);
        if (lease.compareTo(renew) <= 0) {
            throw Refused.invalid(
                    "leaderElection.leaseDuration",
                    election.leaseDuration(),
                    "LeaseDuration must be greater than RenewDeadline");
        }
        if (renew.compareTo(retry) <= 0) {
            throw Refused.invalid(
                    "leaderElection.renewDeadline",
                    election.renewDeadline(),
                    "RenewDeadline must be greater than RetryPeriod");
        }
        if (!election.resourceLock().equals("leases")) {
            throw Refused.invalid(
                    "leaderElection.resourceLock", election.resourceLock(), "resourceLock value must be \"leases\"");
        }
        if (election.resourceName().isEmpty()) {
            throw Refused.required("leaderElection.resourceName", "resourceName is required");
        }
        if (election.resourceNamespace().isEmpty()) {
            throw Refused.required("leaderElection.resourceNamespace", "resourceNamespace is required");
        }
    }

    private static void positive(String path, Duration duration) {
        if (duration.isZero() || duration.isNegative()) {
            throw Refused.invalid(path, duration.toString(), "must be greater than zero");
        }
    }

    private static void profiles(List<Profile> profiles) {
        if (profiles.size() > PROFILES_MAX) {
            throw Refused.invalid("profiles", profiles.size(), "must have at most " + PROFILES_MAX + " items");
        }
        Map<String, Integer> known = new HashMap<>();
        for (int i = 0; i < profiles.size(); i++) {
            Profile profile = profiles.get(i);
            String path = "profiles[" + i + ']';
            String name = profile.schedulerName();
            if (name == null || name.isEmpty()) {
                throw Refused.required(path + ".schedulerName", "");
            }
            Integer other = known.put(name, i);
            if (other != null) {
                throw Refused.duplicate(path + ".schedulerName", "profiles[" + other + "].schedulerName");
            }
            percentage(path + ".percentageOfNodesToScore", profile.percentageOfNodesToScore());
            sets(path + ".plugins", profile);
            PluginArguments.of(profile, path);
            if (!profile.plugins()
                    .queueSort()
                    .equals(profiles.getFirst().plugins().queueSort())) {
                throw Refused.invalid(path + ".plugins.queueSort", name, "must be the same for all profiles");
            }
        }
    }

    private static void sets(String path, Profile profile) {
        set(path + ".multiPoint", profile.plugins().multiPoint());
        for (ExtensionPoint point : ExtensionPoint.values()) {
            String field = point.title().replace("Plugin", "");
            set(
                    path + '.' + Character.toLowerCase(field.charAt(0)) + field.substring(1),
                    profile.plugins().at(point));
        }
    }

    private static void set(String path, PluginSet set) {
        entries(path + ".enabled", set.enabled());
        entries(path + ".disabled", set.disabled());
        for (int i = 0; i < set.enabled().size(); i++) {
            String name = set.enabled().get(i).name();
            if (REMOVED.contains(name)) {
                throw Refused.invalid(
                        path + ".enabled[" + i + ']',
                        name,
                        "was invalid in version \""
                                + SchedulerConfiguration.API_VERSION + "\" (KubeSchedulerConfiguration is version \""
                                + SchedulerConfiguration.API_VERSION + "\")");
            }
        }
    }

    private static void entries(String path, List<PluginEntry> entries) {
        for (int i = 0; i < entries.size(); i++) {
            PluginEntry entry = entries.get(i);
            if (entry.name() == null || entry.name().isEmpty()) {
                throw Refused.required(path + '[' + i + "].name", "");
            }
            if (entry.weight() != null && entry.weight() < 0) {
                throw Refused.invalid(path + '[' + i + "].weight", entry.weight(), "must not be negative");
            }
        }
    }

    private static void extenders(List<Extender> extenders) {
        if (extenders.size() > EXTENDERS_MAX) {
            throw Refused.invalid("extenders", extenders.size(), "must have at most " + EXTENDERS_MAX + " items");
        }
        int binders = 0;
        Set<String> managed = new HashSet<>();
        for (int i = 0; i < extenders.size(); i++) {
            Extender extender = extenders.get(i);
            String path = "extenders[" + i + ']';
            url(path + ".urlPrefix", extender.urlPrefix());
            if (!extender.prioritizeVerb().isEmpty()
                    && (extender.weight() <= 0 || extender.weight() > Integer.MAX_VALUE)) {
                throw Refused.invalid(path + ".weight", extender.weight(), "must have a positive weight applied to it");
            }
            Duration timeout = Refused.duration(path + ".httpTimeout", extender.httpTimeout());
            positive(path + ".httpTimeout", timeout);
            binders += extender.bindVerb().isEmpty() ? 0 : 1;
            for (int j = 0; j < extender.managedResources().size(); j++) {
                ManagedResource resource = extender.managedResources().get(j);
                String at = path + ".managedResources[" + j + "].name";
                if (resource.name() == null || !Names.isExtendedResource(resource.name())) {
                    throw Refused.invalid(
                            at, resource.name() == null ? "" : resource.name(), "is an invalid extended resource name");
                }
                if (!managed.add(resource.name())) {
                    throw Refused.invalid(at, resource.name(), "duplicate extender managed resource name");
                }
            }
        }
        if (binders > 1) {
            throw Refused.invalid(
                    "extenders",
                    "found " + binders + " extenders implementing bind",
                    "only one extender can implement bind");
        }
    }

    private static void url(String path, String text) {
        try {
            URI uri = URI.create(text);
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return;
            }
        } catch (IllegalArgumentException e) {
            // Said below.
        }
        throw Refused.invalid(path, text, "must be an http or https URL with a host");
    }
}
