/**
 * The room that tells pods whom to trust: each namespace gets a ConfigMap {@code kube-root-ca.crt} with the certificates that
 * the API server's own one can be verified by. Namespaces and those ConfigMaps come in; what is missing or was changed is
 * written.
 */
@NullMarked
package io.keelson.controllers.rootca;

import org.jspecify.annotations.NullMarked;
