/**
 * Objects encrypted in the store, as a kube-apiserver encrypts them: what one has written, the other reads.
 * <pre>
 *  store ──► EncryptionAtRest ──► ResourceRules ──► Providers        the first writes, whichever fits reads
 *            (file, reload)       by resource        ├─ AesCbc, AesGcm, SecretBox   k8s:enc:aescbc:v1:key1:…
 *                                                    ├─ KmsEnvelope                 k8s:enc:kms:v2:plugin:…
 *                                                    │    └─ KmsProbe ──► KmsPlugin (gRPC, unix socket)
 *                                                    └─ Transformer.IDENTITY        as it is
 * </pre>
 * <p>A value begins with the name of the provider and the key that it was written with. Values that another than the first
 * provider reads are stale: the next write of the object, even one that changes nothing, writes them anew. No key, and no
 * part of a plain value, is ever logged or named in an error. {@link io.keelson.apiserver.encryption.EncryptionMetrics} tells
 * which keys are in use, by hashes of their names.
 */
@NullMarked
package io.keelson.apiserver.encryption;

import org.jspecify.annotations.NullMarked;
