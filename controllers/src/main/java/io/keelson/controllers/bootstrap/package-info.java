/**
 * The room of the tokens by which machines join. A new machine knows a token and nothing else; it reads the public ConfigMap
 * {@code kube-public/cluster-info} and believes it because it is signed with that token. Secrets of the type {@code
 * bootstrap.kubernetes.io/token} in {@code kube-system} come in; {@link
 * io.keelson.controllers.bootstrap.BootstrapSignerController} puts the signatures beside the kubeconfig, {@link
 * io.keelson.controllers.bootstrap.TokenCleanerController} deletes Secrets that have expired.
 */
@NullMarked
package io.keelson.controllers.bootstrap;

import org.jspecify.annotations.NullMarked;
