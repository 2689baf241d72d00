/**
 * Objects in Kubernetes' protobuf, {@code application/vnd.kubernetes.protobuf}: the format in which controllers and
 * kubelets talk to the API, and in which a kube-apiserver stores what it stores. In come trees of built-in kinds, out
 * go the bytes that the original writes for them, and the other way round. Custom kinds have no such format.
 *
 * <p>There are no generated classes. The numbers and types of all fields stand in one text, {@code kubernetes.messages}
 * (see {@code src/types/messages.py}), which is read message by message when somebody first needs one; two small
 * classes walk a tree and its message side by side.
 */
@NullMarked
package io.keelson.apiserver.protobuf;

import org.jspecify.annotations.NullMarked;
