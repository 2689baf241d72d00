/** Users, roles, permissions and tokens; who may do what to which keys. */
@NullMarked
package io.keelson.kvstore.auth;

import org.jspecify.annotations.NullMarked;
