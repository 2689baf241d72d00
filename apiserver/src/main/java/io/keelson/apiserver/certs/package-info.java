/**
 * Keys and certificates: what the server makes for itself when it is given none ({@link
 * io.keelson.apiserver.certs.PkiFolder}), the files they live in, kubeconfigs, and calls to the servers that a kubeconfig
 * names. Everything else of the server may use this package; it uses only {@code object}, and the store's metrics.
 */
@NullMarked
package io.keelson.apiserver.certs;

import org.jspecify.annotations.NullMarked;
