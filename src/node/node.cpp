// Opening a node that runs. All else of the public class is src/client/node_handle.cpp.
#include <conclave/node.hpp>

#include <utility>

#include "node/runtime.hpp"

namespace conclave {

Result<Node> Node::open(Config config) {
  if (auto valid = validate(config); !valid) return valid.error();
  auto runtime = node::Runtime::open(std::move(config));
  if (!runtime) return runtime.error();
  auto client = (*runtime)->client();
  return Node(std::move(client), std::move(*runtime));
}

}  // namespace conclave
