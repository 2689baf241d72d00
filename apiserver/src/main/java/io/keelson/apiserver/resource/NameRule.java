package io.keelson.apiserver.resource;

/** What names of a kind look like; the rules themselves are in {@link io.keelson.apiserver.validation}. */
public enum NameRule {
    /** Lower-case letters, digits, dashes and dots; at most 253 characters. Most kinds. */
    DNS_SUBDOMAIN,
    /** Lower-case letters, digits and dashes; at most 63 characters. Namespaces and services. */
    DNS_LABEL,
    /** Anything that can be one segment of a path. Roles and bindings. */
    PATH_SEGMENT
}
