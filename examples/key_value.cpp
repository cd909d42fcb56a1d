// A replicated key-value store on the user's own state machine: commands go through the log, reads look at the state.
#include <conclave/conclave.hpp>

#include <cstdio>
#include <filesystem>
#include <map>
#include <string>

using namespace std::chrono_literals;

namespace {

/// "key=value" writes and returns the value that was there before.
class KeyValue final : public conclave::StateMachine {
 public:
  std::string name() const override { return "key-value/1"; }

  conclave::Bytes apply(const conclave::Applied&, conclave::BytesView command) override {
    const auto text = conclave::to_text(command);
    const auto split = text.find('=');
    if (split == std::string_view::npos) return conclave::to_bytes("no command");
    auto& value = values_[std::string(text.substr(0, split))];
    const auto before = value;
    value = text.substr(split + 1);
    return conclave::to_bytes(before);
  }

  void snapshot(const std::function<void(conclave::BytesView)>& write) const override {
    for (const auto& [key, value] : values_) write(conclave::to_bytes(key + "=" + value));
  }

  conclave::Result<void> restore(const std::function<conclave::BytesView()>& read) override {
    values_.clear();
    for (auto chunk = read(); !chunk.empty(); chunk = read()) {
      const auto text = conclave::to_text(chunk);
      const auto split = text.find('=');
      if (split == std::string_view::npos) return conclave::errc::data_damaged;
      values_[std::string(text.substr(0, split))] = text.substr(split + 1);
    }
    return {};
  }

  std::uint64_t digest() const override {
    std::uint64_t sum = 0;
    for (const auto& [key, value] : values_)
      for (const char each : key + "=" + value + ";") sum = sum * 31 + static_cast<unsigned char>(each);
    return sum;
  }

  [[nodiscard]] std::string get(const std::string& key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? "" : found->second;
  }

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path data = argc > 1 ? argv[1] : "key-value-data";
  const auto store = std::make_shared<KeyValue>();
  auto node = conclave::Node::open({.name = "one", .data_dir = data, .single = true, .state_machine = store});
  if (!node || !node->ready(10s)) {
    std::fputs("no node\n", stderr);
    return 1;
  }
  for (const char* command : {"colour=red", "colour=blue"}) {
    const auto before = node->propose(conclave::to_bytes(command));
    if (!before) {
      std::fprintf(stderr, "propose: %s\n", before.error().message().c_str());
      return 1;
    }
    std::printf("%s (was '%s')\n", command, std::string(conclave::to_text(*before)).c_str());
  }
  // Guarded: applied only while the token is the lock's current one.
  auto lock = node->lock("colours").acquire(5s);
  if (!lock) return 1;
  const auto token = lock->token();
  const auto guarded = node->propose(conclave::to_bytes("colour=green"), {.locks = {{"colours", token}}});
  if (!guarded || !lock->release()) return 1;
  const auto stale = node->propose(conclave::to_bytes("colour=black"), {.locks = {{"colours", token}}});
  if (stale || stale.error() != conclave::errc::guard_failed) return 1;

  std::string colour;
  const auto read = node->read(conclave::Consistency::linearizable, 5s,
                               [&](const conclave::ReadPoint&) { colour = store->get("colour"); });
  if (!read) return 1;
  std::printf("the colour is %s\n", colour.c_str());
  if (colour != "green") return 1;
  std::puts("key_value: ok");
}
