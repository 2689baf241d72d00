package io.keelson.agent.environment;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.keelson.controllers.objects.OrEmpty;
import java.util.regex.Pattern;

/**
 * What a pod is called.
 *
 * @param host at most 63 characters
 * @param domain what follows it in its full name; empty if there is nothing
 */
record HostNames(String host, String domain) {
    private static final int HOST_LENGTH_MAX = 63;
    private static final int KERNEL_LENGTH_MAX = 64;
    private static final int SUBDOMAIN_LENGTH_MAX = 253;
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
    private static final Pattern SUBDOMAIN = Pattern.compile(LABEL.pattern() + "(\\." + LABEL.pattern() + ")*");
    private static final String LABEL_RULE =
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and"
                    + " end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is"
                    + " '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    private static final String SUBDOMAIN_RULE =
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must"
                    + " start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is"
                    + " '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    /**
     * A pod's.
     *
     * @throws ReferenceException if what it asks for is no name
     */
    static HostNames of(Pod pod, String clusterDomain) throws ReferenceException {
        PodSpec spec = pod.getSpec();
        String name = pod.getMetadata().getName();
        if (spec.getHostnameOverride() != null) {
            String override = spec.getHostnameOverride();
            if (override.length() > SUBDOMAIN_LENGTH_MAX
                    || !SUBDOMAIN.matcher(override).matches()) {
                throw new ReferenceException("pod HostnameOverride \"%s\" is not a valid DNS subdomain: %s"
                        .formatted(override, tooLong(override, SUBDOMAIN_LENGTH_MAX, SUBDOMAIN_RULE)));
            }
            return new HostNames(short63(name, override), "");
        }
        String wanted = OrEmpty.of(spec.getHostname());
        check("Hostname", wanted);
        String subdomain = OrEmpty.of(spec.getSubdomain());
        check("Subdomain", subdomain);
        return new HostNames(
                short63(name, wanted.isEmpty() ? name : wanted),
                subdomain.isEmpty()
                        ? ""
                        : subdomain + '.' + pod.getMetadata().getNamespace() + ".svc." + clusterDomain);
    }

    private static void check(String field, String label) throws ReferenceException {
        if (!label.isEmpty()
                && (label.length() > HOST_LENGTH_MAX || !LABEL.matcher(label).matches())) {
            throw new ReferenceException("pod %s \"%s\" is not a valid DNS label: %s"
                    .formatted(field, label, tooLong(label, HOST_LENGTH_MAX, LABEL_RULE)));
        }
    }

    private static String tooLong(String text, int lengthMax, String rule) {
        return text.length() > lengthMax ? "must be no more than " + lengthMax + " characters" : rule;
    }

    private static String short63(String pod, String name) throws ReferenceException {
        if (name.length() <= HOST_LENGTH_MAX) {
            return name;
        }
        int end = HOST_LENGTH_MAX;
        while (end > 0 && (name.charAt(end - 1) == '-' || name.charAt(end - 1) == '.')) {
            end--;
        }
        if (end == 0) {
            throw new ReferenceException("hostname for pod \"%s\" was invalid: \"%s\"".formatted(pod, name));
        }
        return name.substring(0, end);
    }

    /**
     * What the kernel of the pod is to call itself.
     *
     * @param full whether by the full name
     * @throws ReferenceException if that is too long for a kernel
     */
    String kernel(boolean full) throws ReferenceException {
        if (!full || domain.isEmpty()) {
            return host;
        }
        String name = host + '.' + domain;
        if (name.length() > KERNEL_LENGTH_MAX) {
            throw new ReferenceException(
                    ("failed to construct FQDN from pod hostname and cluster domain, FQDN %s is too long"
                                    + " (%d characters is the max, %d characters requested)")
                            .formatted(name, KERNEL_LENGTH_MAX, name.length()));
        }
        return name;
    }
}
