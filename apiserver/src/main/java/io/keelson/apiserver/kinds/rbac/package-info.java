/** Strategies of roles and their bindings. */
@NullMarked
package io.keelson.apiserver.kinds.rbac;

import org.jspecify.annotations.NullMarked;
