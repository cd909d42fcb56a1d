#include "sim/transcript.hpp"

#include <functional>
#include <map>
#include <optional>
#include <sstream>
#include <vector>

#include "client/request.hpp"
#include "sim/fault.hpp"
#include "sim/world.hpp"

namespace conclave::sim {
namespace {

class Runner {
 public:
  Result<std::string> run(const std::string& script) {
    std::istringstream in(script);
    int number = 0;
    for (std::string line; std::getline(in, line);) {
      ++number;
      const auto words = split(line);
      if (words.empty()) continue;
      if (words.front() == "seed" && words.size() == 2 && !world_) {
        seed_ = std::stoull(words[1]);
        continue;
      }
      begin();
      if (!obey(words)) return Error(errc::invalid_argument, "line " + std::to_string(number) + ": " + line);
    }
    return std::move(out_);
  }

 private:
  void begin() {
    if (world_) return;
    world_.emplace(seed_);
    world_->onlooker.remark = [this](const std::string& node, const engine::Remark& remark) {
      if (remark.level != LogLevel::debug) say(node + " " + remark.text);
    };
  }

  void say(const std::string& text) {
    const auto at = std::chrono::duration_cast<std::chrono::milliseconds>(world_->now().time_since_epoch());
    out_ += "t=" + std::to_string(at.count()) + " " + text + "\n";
  }

  bool obey(const Words& words) {
    using Command = bool (Runner::*)(const Words&);
    static const std::map<std::string, Command> commands{
        {"found", &Runner::found},       {"run", &Runner::run_for},   {"until", &Runner::until},     {"kill", &Runner::live},
        {"power-off", &Runner::live},    {"start", &Runner::live},    {"pause", &Runner::live},      {"resume", &Runner::live},
        {"acquire", &Runner::acquire},   {"try", &Runner::acquire},   {"release", &Runner::release}, {"holders", &Runner::holders},
    };
    const auto found = commands.find(words.front());
    return found == commands.end() ? strike(words) : (this->*found->second)(words);
  }

  [[nodiscard]] std::optional<std::string> node(const std::string& word) {
    const auto name = word == "leader" ? world_->leader() : std::optional(word);
    const auto names = world_->names();
    if (!name || std::ranges::find(names, *name) == names.end()) return std::nullopt;
    return name;
  }

  bool found(const Words& words) {
    if (words.size() != 2) return false;
    world_->found(std::stoul(words[1]));
    return true;
  }

  bool run_for(const Words& words) {
    const auto duration = words.size() == 2 ? parse_duration(words[1]) : std::nullopt;
    if (duration) world_->run_for(*duration);
    return duration.has_value();
  }

  bool until(const Words& words) {
    if (words.size() != 2) return false;
    if (words[1] == "leader") {
      if (!world_->run_until([this] { return world_->leader().has_value(); })) say("no leader");
      return true;
    }
    if (words[1] != "idle") return false;
    if (!world_->run_until([this] { return open_ == 0; })) say(std::to_string(open_) + " calls without an answer");
    return true;
  }

  bool live(const Words& words) {
    const auto name = words.size() == 2 ? node(words[1]) : std::nullopt;
    if (!name) return false;
    say(*name + " " + words[0]);
    if (words[0] == "start") {
      if (const auto started = world_->start(*name); !started) say(*name + " " + started.error().message());
      return true;
    }
    if (!world_->runs(*name)) return false;
    // What the process held is gone with it, and so is whoever waits for its answers.
    const bool ends = words[0] == "kill" || words[0] == "power-off";
    if (ends) {
      open_ -= calls_.count(*name) ? calls_[*name] : 0;
      calls_.erase(*name);
      std::erase_if(locks_, [&](const auto& lock) { return lock.first.first == *name; });
    }
    if (words[0] == "kill") world_->kill(*name);
    if (words[0] == "power-off") world_->power_off(*name);
    if (words[0] == "pause") world_->pause(*name);
    if (words[0] == "resume") world_->resume(*name);
    return true;
  }

  /// What is no word of the script's own may be a fault.
  bool strike(const Words& words) {
    const auto names = world_->names();
    if (!check_fault(words, {names.begin(), names.end()})) return false;
    sim::strike(*world_, words);
    return true;
  }

  void begin_call(const std::string& name) {
    ++open_;
    ++calls_[name];
  }
  void end_call(const std::string& name) {
    --open_;
    --calls_[name];
  }

  bool acquire(const Words& words) {
    const auto name = words.size() == 3 ? node(words[1]) : std::nullopt;
    if (!name || !world_->runs(*name)) return false;
    begin_call(*name);
    const auto done = [this, name = *name, lock_name = words[2]](Result<Lock> lock) {
      end_call(name);
      if (!lock) return say(name + " failed " + lock_name + ": " + lock.error().code.message());
      say(name + " acquired " + lock_name + " token " + to_string(lock->token()));
      lock->on_lost([this, name, lock_name](const Error& why) { say(name + " lost " + lock_name + ": " + why.code.message()); });
      locks_.insert_or_assign({name, lock_name}, std::move(*lock));
    };
    world_->client(*name).acquire(words[2], words[0] == "acquire", {}, done);
    return true;
  }

  bool release(const Words& words) {
    const auto name = words.size() == 3 ? node(words[1]) : std::nullopt;
    const auto held = name ? locks_.find({*name, words[2]}) : locks_.end();
    if (held == locks_.end()) return false;
    begin_call(*name);
    auto lock = std::make_shared<Lock>(std::move(held->second));
    locks_.erase(held);
    lock->release([this, name = *name, lock_name = words[2], lock](const Result<void>& released) {
      end_call(name);
      say(name + (released ? " released " + lock_name : " failed to release " + lock_name + ": " + released.error().code.message()));
    });
    return true;
  }

  bool holders(const Words&) {
    for (const auto& name : world_->names()) {
      if (!world_->runs(name)) continue;
      std::string text;
      for (const auto& [resource, held] : world_->engine(name).state().resources())
        text += (text.empty() ? "" : ", ") + resource.name + " by " + held.holder->owner_name + " token " +
                to_string(held.holder->token);
      say(name + " sees " + (text.empty() ? "nothing held" : text));
    }
    return true;
  }

  std::uint64_t seed_ = 1;
  std::string out_;
  // Before the world: what runs in it refers to them.
  std::map<std::pair<std::string, std::string>, Lock> locks_;
  std::map<std::string, int> calls_;
  int open_ = 0;
  std::optional<World> world_;
};

}  // namespace

Result<std::string> run_transcript(const std::string& script) { return Runner().run(script); }

}  // namespace conclave::sim
